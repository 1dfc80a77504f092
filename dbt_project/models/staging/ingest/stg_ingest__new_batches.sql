with batches as (select * from {{ source('ingest', 'batches') }}),

refresh as (select * from {{ source('refresh', 'current') }})

select batches.batch_id
from batches
cross join refresh
where batches.number > refresh.from_number and batches.number <= refresh.through_number
