with users as (select * from {{ source('lms', 'users') }})

select
    tenant_id,
    user_id::text as user_id,
    email,
    full_name,
    role,
    external_id::text as external_id,
    attributes,
    is_active,
    batch_id
from users
