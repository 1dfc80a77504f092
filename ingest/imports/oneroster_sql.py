"""OneRoster's files and columns that are read, and what becomes of them."""

from collections.abc import Mapping
from dataclasses import dataclass

# By file: the columns without which it says nothing, and others.
FILES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "orgs": (("sourcedId", "name"), ()),
    "academicSessions": (("sourcedId", "startDate", "endDate"), ()),
    "courses": (("sourcedId", "title"), ("courseCode", "subjects")),
    "classes": (("sourcedId", "title"), ("status", "courseSourcedId", "classCode", "termSourcedIds", "subjects")),
    "categories": (("sourcedId", "title"), ()),
    "users": (
        ("sourcedId", "username", "givenName", "familyName"),
        (
            "status", "enabledUser", "role", "email", "middleName", "identifier", "grades", "orgSourcedIds",
            "primaryOrgSourcedId",
        ),
    ),
    "roles": (("userSourcedId", "roleType", "role"), ("status",)),
    "enrollments": (("classSourcedId", "userSourcedId", "role"), ("status", "beginDate")),
    "lineItems": (("sourcedId", "title", "classSourcedId"), ("status", "categorySourcedId", "resultValueMax")),
    "results": (("lineItemSourcedId", "studentSourcedId", "scoreStatus", "scoreDate"), ("status", "score")),
}  # fmt: skip


@dataclass(frozen=True)
class Translation:
    """The rows of a sheet out of a file and what it refers to; `labels`: what the file calls our columns."""

    sheet: str
    file: str
    query: str
    labels: Mapping[str, str]


# The terms of a class as one span. The last day of a term belongs to it.
TERMS = """
create or replace table terms as
select
    class."sourcedId" as class_id,
    min(session."startDate") as starts_at,
    cast(max(try_cast(session."endDate" as date)) + 1 as varchar) as ends_at
from in_classes as class
cross join unnest(string_split(class."termSourcedIds", ',')) as term (session_id)
inner join "in_academicSessions" as session on session."sourcedId" = trim(term.session_id)
group by class."sourcedId"
"""
UNKNOWN_TERMS = """
select class._row, class."termSourcedIds"
from in_classes as class
cross join unnest(string_split(class."termSourcedIds", ',')) as term (session_id)
where trim(term.session_id) not in (select "sourcedId" from "in_academicSessions")
limit 1000
"""

NAMED_CLASSES = 'select distinct "classSourcedId" from in_enrollments where "classSourcedId" is not null'

ROLES = """
case
    when lower(role) in ('student') then 'student'
    when lower(role) in ('administrator', 'districtadministrator', 'siteadministrator', 'systemadministrator',
        'principal') then 'admin'
    when lower(role) in ('parent', 'guardian', 'relative') then null
    when role is not null then 'instructor'
end
"""
USERS = f"""
with roles as (
    select
        "userSourcedId",
        arg_min(role, (lower("roleType") <> 'primary')::int) as role
    from in_roles where coalesce(status, 'active') <> 'tobedeleted'
    group by "userSourcedId"
), people as (
    select person.* exclude (role), coalesce(person.role, roles.role) as role, org.name as org
    from in_users as person
    left join roles on roles."userSourcedId" = person."sourcedId"
    left join in_orgs as org
        on org."sourcedId" = coalesce(person."primaryOrgSourcedId", trim(string_split(person."orgSourcedIds", ',')[1]))
)
select
    _row,
    "sourcedId" as user_id,
    {ROLES} as role,
    email,
    nullif(trim(concat_ws(' ', "givenName", "middleName", "familyName")), '') as full_name,
    username as external_id,
    json_merge_patch('{{}}', json_object('identifier', identifier, 'grades', grades, 'org', org))::varchar
        as attributes,
    (coalesce(status, 'active') <> 'tobedeleted' and lower(coalesce("enabledUser", 'true')) <> 'false')::varchar
        as is_active
from people
where lower(coalesce(role, 'student')) not in ('parent', 'guardian', 'relative')
"""
# Where nothing says a role, the column is left out, and what is known stays.
COURSES = """
select
    class._row,
    class."sourcedId" as course_id,
    class.title,
    case when coalesce(class.status, 'active') = 'tobedeleted' then 'archived' else 'published' end as status,
    terms.starts_at,
    terms.ends_at,
    class."classCode" as external_id,
    json_merge_patch('{}', json_object(
        'course', course.title, 'courseCode', course."courseCode",
        'subjects', coalesce(class.subjects, course.subjects)
    ))::varchar as settings
from in_classes as class
left join in_courses as course on course."sourcedId" = class."courseSourcedId"
left join terms on terms.class_id = class."sourcedId"
"""
# The same person may be in a class more than once: who is still there counts, then who began last.
_MEMBERS = """
with members as (
    select
        *, coalesce(status, 'active') = 'tobedeleted' as is_over,
        row_number() over (
            partition by "classSourcedId", "userSourcedId"
            order by coalesce(status, 'active') = 'tobedeleted', "beginDate" desc nulls last, _row
        ) as nth
    from in_enrollments
    where lower(role) {roles}
)
"""
ENROLLMENTS = (
    _MEMBERS.format(roles="= 'student'")
    + """
select
    members._row,
    members."classSourcedId" as course_id,
    members."userSourcedId" as user_id,
    case when members.is_over then 'withdrawn' else 'active' end as status,
    coalesce(members."beginDate", terms.starts_at, $as_of) as enrolled_at
from members
left join terms on terms.class_id = members."classSourcedId"
where nth = 1
"""
)
INSTRUCTORS = (
    _MEMBERS.format(roles="in ('teacher', 'aide')")
    + """
select
    _row,
    "classSourcedId" as course_id,
    "userSourcedId" as user_id,
    (not is_over)::varchar as is_listed
from members
where nth = 1
"""
)
ASSESSMENTS = """
select
    item._row,
    item."sourcedId" as assessment_id,
    item."classSourcedId" as course_id,
    item.title,
    case
        when regexp_matches(lower(coalesce(category.title, '')), 'quiz') then 'quiz'
        when regexp_matches(lower(coalesce(category.title, '')), 'exam|test|final') then 'exam'
        else 'assignment'
    end as type,
    coalesce(item."resultValueMax", '100') as max_score,
    (coalesce(item.status, 'active') <> 'tobedeleted')::varchar as is_listed
from "in_lineItems" as item
left join in_categories as category on category."sourcedId" = item."categorySourcedId"
"""
# A result that was taken back leaves an attempt without a grade.
SUBMISSIONS = """
with attempts as (
    select
        *, coalesce(status, 'active') <> 'tobedeleted' and lower("scoreStatus") = 'fully graded' as is_graded,
        row_number() over (
            partition by "lineItemSourcedId", "studentSourcedId"
            order by coalesce(status, 'active') = 'tobedeleted', "scoreDate" desc, _row
        ) as nth
    from in_results
    where lower("scoreStatus") not in ('exempt', 'not submitted')
)
select
    _row,
    "lineItemSourcedId" as assessment_id,
    "studentSourcedId" as user_id,
    '1' as attempt_number,
    case when is_graded then 'graded' else 'submitted' end as status,
    "scoreDate" as submitted_at,
    case when is_graded then score end as score,
    case when is_graded then "scoreDate" end as graded_at
from attempts
where nth = 1
"""

TRANSLATIONS = (
    Translation(
        "users",
        "users",
        USERS,
        {"user_id": "sourcedId", "external_id": "username", "full_name": "familyName", "is_active": "enabledUser"},
    ),
    Translation(
        "courses",
        "classes",
        COURSES,
        {"course_id": "sourcedId", "external_id": "classCode", "starts_at": "termSourcedIds"},
    ),
    Translation(
        "assessments",
        "lineItems",
        ASSESSMENTS,
        {"assessment_id": "sourcedId", "course_id": "classSourcedId", "max_score": "resultValueMax"},
    ),
    Translation(
        "course_instructors",
        "enrollments",
        INSTRUCTORS,
        {"course_id": "classSourcedId", "user_id": "userSourcedId"},
    ),
    Translation(
        "enrollments",
        "enrollments",
        ENROLLMENTS,
        {"course_id": "classSourcedId", "user_id": "userSourcedId", "enrolled_at": "beginDate"},
    ),
    Translation(
        "submissions",
        "results",
        SUBMISSIONS,
        {
            "assessment_id": "lineItemSourcedId", "user_id": "studentSourcedId", "submitted_at": "scoreDate",
            "graded_at": "scoreDate",
        },
    ),
)  # fmt: skip
