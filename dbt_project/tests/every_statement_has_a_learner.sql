-- Each statement that counts is somebody's, and what is nobody's counts nowhere.
with statements as (select * from {{ ref('fct_statements') }}),

learners as (select * from {{ ref('fct_statement_learners') }})

select
    statements.statement_id as counted,
    learners.statement_id as held
from statements
full join learners on statements.tenant_id = learners.tenant_id and statements.statement_id = learners.statement_id
where statements.statement_id is null or learners.statement_id is null
