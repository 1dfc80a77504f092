{{ config(key=['tenant_id', 'assessment_id', 'bin'], scope='assessments') }}

with attempts as (
    select * from {{ ref('fct_assessment_attempts') }}
    where {{ touched('assessments', 'fct_assessment_attempts') }} and standing = 'learner'
),

-- What lies outside of 0 to 1 goes to the outer bins; a share of 1 is in the last.
bests as (
    select
        tenant_id,
        assessment_id,
        least(greatest(floor(share * 10), 0), 9)::integer + 1 as bin
    from attempts
    where is_best
),

counted as (
    select
        tenant_id,
        assessment_id,
        bin,
        count(*) as learners
    from bests
    group by tenant_id, assessment_id, bin
),

bins as (
    select distinct
        attempts.tenant_id,
        attempts.course_id,
        attempts.assessment_id,
        numbers.bin
    from attempts
    cross join generate_series(1, 10) as numbers (bin)
)

select
    bins.tenant_id,
    bins.course_id,
    bins.assessment_id,
    bins.bin,
    ((bins.bin - 1) / 10.0)::double precision as from_share,
    (bins.bin / 10.0)::double precision as to_share,
    coalesce(counted.learners, 0) as learners
from bins
left join counted
    on
        bins.tenant_id = counted.tenant_id
        and bins.assessment_id = counted.assessment_id
        and bins.bin = counted.bin
