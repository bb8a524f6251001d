-- Newcomers (NEW): members who are adopted, leads that are created, and who waits for a value.

-- NEW-2: the base learns of the pair at once, so that they are never newcomers again; not of records that are not
-- imported, nor of one that is another contact's.
INSERT INTO adoptions BY NAME
SELECT
    n.account, n.address_book, n.campaign, n.status, n.contact_id, n.email, n.email_key, n.found_id, n.found_type,
    'adopt:' || n.campaign AS operation,
    coalesce(t.is_mapped, FALSE) AND p.sf_id IS NULL AS settles
FROM newcomers AS n
LEFT JOIN record_types AS t ON n.account = t.account AND n.found_type = t.record_type
LEFT JOIN pairs AS p ON n.account = p.account AND n.found_id = p.sf_id
WHERE n.skip IS NULL AND n.found_id IS NOT NULL;

INSERT INTO changes BY NAME
SELECT
    operation, account, found_id AS person, found_type AS record_type, found_id AS sf_id, contact_id, email,
    CASE WHEN settles THEN address_book END AS address_book,
    campaign, 'member' AS aspect, 'Status' AS field, status AS "new", 'adopt' AS decision, 'NEW-2' AS reason,
    'wanted' AS expect_s, 'on' AS expect_d
FROM adoptions;

INSERT INTO changes BY NAME
SELECT DISTINCT
    a.operation, a.account, a.found_id AS person, a.found_type AS record_type, a.found_id AS sf_id, a.contact_id, a.email,
    'identity' AS aspect, 'email' AS field, 'pair' AS decision, 'NEW-2' AS reason,
    left(sha256(s.prefix || coalesce(a.email_key, '')), 16) AS expect_s,
    left(sha256(s.prefix || coalesce(a.email_key, '')), 16) AS expect_d
FROM adoptions AS a
CROSS JOIN settings AS s
WHERE a.settles;

INSERT INTO new_leads BY NAME
SELECT n.account, n.address_book, n.campaign, n.status, n.contact_id, n.email, n.email_key
FROM newcomers AS n
LEFT JOIN pending AS p ON n.account = p.account AND n.contact_id = p.contact_id
WHERE n.skip IS NULL AND n.found_id IS NULL AND p.contact_id IS NULL;

-- NEW-3: one person on two books is one lead and two memberships.
INSERT INTO changes BY NAME
SELECT DISTINCT
    'create_leads:' || n.account AS operation, n.account, 'contact ' || n.contact_id AS person, 'lead' AS record_type,
    n.contact_id, n.email, 'identity' AS aspect, 'email' AS field, n.email AS "new", 'create_lead' AS decision,
    'NEW-3' AS reason,
    left(sha256(s.prefix || coalesce(n.email_key, '')), 16) AS expect_s,
    left(sha256(s.prefix || coalesce(n.email_key, '')), 16) AS expect_d
FROM new_leads AS n
CROSS JOIN settings AS s;

INSERT INTO changes BY NAME
WITH fresh AS (
    SELECT DISTINCT account, contact_id, email FROM new_leads
)

SELECT
    CASE WHEN v.problem IS NULL THEN 'create_leads:' ELSE 'problems:' END || v.account AS operation,
    v.account, 'contact ' || v.contact_id AS person, 'lead' AS record_type, v.contact_id, f.email,
    CASE WHEN v.problem IS NULL THEN 'value' ELSE 'problem' END AS aspect,
    v.name AS field, v.value AS "new",
    CASE WHEN v.problem IS NOT NULL THEN v.problem WHEN v.is_default THEN 'default' ELSE 'fill' END AS decision,
    CASE WHEN v.problem IS NULL THEN 'NEW-3' ELSE 'VAL-23' END AS reason,
    CASE WHEN v.problem IS NULL THEN v.hash END AS expect_s,
    CASE WHEN v.problem IS NULL THEN v.hash END AS expect_d
FROM lead_values AS v
INNER JOIN fresh AS f ON v.account = f.account AND v.contact_id = f.contact_id;

INSERT INTO changes BY NAME
SELECT
    'create_leads:' || account AS operation, account, 'contact ' || contact_id AS person, 'lead' AS record_type,
    contact_id, email, address_book, campaign, 'member' AS aspect, 'Status' AS field, status AS "new",
    'add' AS decision, 'NEW-3' AS reason, 'wanted' AS expect_s, 'on' AS expect_d
FROM new_leads;

INSERT INTO changes BY NAME
SELECT DISTINCT
    'pending:' || n.account AS operation, n.account, 'contact ' || n.contact_id AS person, 'lead' AS record_type,
    n.contact_id, n.email, 'problem' AS aspect, 'new lead' AS field, p.why AS decision, 'NEW-4' AS reason
FROM newcomers AS n
INNER JOIN pending AS p ON n.account = p.account AND n.contact_id = p.contact_id
WHERE n.skip IS NULL AND n.found_id IS NULL;
