-- For a credential that may read only what it sent, and sent little in a tenant where others sent much. Some hundred
-- bytes for each hundred pages, where a b-tree would cost every statement as much as the four others do.
create index statements_credential on xapi.statements using brin (tenant_id, credential_id uuid_bloom_ops)
with (autosummarize = on);
