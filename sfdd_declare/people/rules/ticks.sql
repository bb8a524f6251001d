-- CON-8: whose Email Opt Out is ticked, for all accounts before anything else is decided: whom one account ticks, every
-- account has out. All records with an address that is due, members or not, and the pairs of its contact, by the switch
-- of CON-4; not converted leads.

INSERT INTO ticks BY NAME
WITH due AS (
    SELECT account, contact_id, email, email_key FROM out_people WHERE is_due
),

known AS (
    SELECT sf_id, record_type, email_key, FALSE AS converted FROM not_ticked
    UNION ALL
    SELECT sf_id, record_type, email_key, converted FROM records_read
),

found AS (
    SELECT d.account, k.sf_id, k.record_type, k.email_key, d.contact_id
    FROM known AS k
    INNER JOIN due AS d ON k.email_key = d.email_key
    UNION ALL
    SELECT b.account, r.sf_id, r.record_type, r.email_key, b.contact_id
    FROM bonds AS b
    INNER JOIN due AS d ON b.account = d.account AND b.contact_id = d.contact_id
    INNER JOIN records_read AS r ON b.account = r.account AND b.sf_id = r.sf_id
),

numbered AS (
    SELECT
        f.*,
        row_number() OVER (
            PARTITION BY f.account, f.sf_id ORDER BY f.contact_id, f.record_type, coalesce(f.email_key, '')
        ) AS nth
    FROM found AS f
    INNER JOIN record_types AS t
        ON f.account = t.account AND f.record_type = t.record_type AND t.tells_salesforce
    WHERE
        NOT EXISTS (SELECT 1 FROM ticked AS k WHERE k.sf_id = f.sf_id)
        AND NOT EXISTS (SELECT 1 FROM known AS k WHERE k.sf_id = f.sf_id AND k.converted)
)

SELECT
    n.account, n.sf_id, n.record_type, n.email_key, n.contact_id, d.email,
    count(*) OVER (PARTITION BY n.account, n.contact_id) = 1 AS is_only
FROM numbered AS n
INNER JOIN due AS d ON n.account = d.account AND n.contact_id = d.contact_id
WHERE n.nth = 1;

-- Out in Salesforce, once everything due has been ticked: what follows from that belongs to the same plan.
INSERT INTO out_records BY NAME
SELECT sf_id FROM ticked
UNION
SELECT sf_id FROM ticks;

INSERT INTO out_emails BY NAME
SELECT email_key FROM ticked WHERE email_key IS NOT NULL
UNION
SELECT email_key FROM ticks WHERE email_key IS NOT NULL;
