-- Whom Salesforce has opted out, anywhere in the org (CON closure): one ticked reading of a record is enough.

INSERT INTO ticked BY NAME
SELECT record_type, sf_id, email_key FROM opted_out
UNION
SELECT record_type, sf_id, email_key FROM read_records WHERE opted_out;
