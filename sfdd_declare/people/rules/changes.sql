-- What is going to be done, one row per person and thing, from what was decided (columns: `people.columns.CHANGE`).

-- MEM-13: selected records that are no campaign members yet, and members of exact campaigns whom no selection names.
INSERT INTO changes BY NAME
WITH addresses AS (
    SELECT sf_id, min(email) AS email FROM records_read GROUP BY sf_id
)

SELECT
    'members:' || m.campaign AS operation, '' AS account, m.sf_id AS person, m.record_type, m.sf_id, a.email, m.campaign,
    'member' AS aspect, 'Status' AS field, m.status AS "new", 'add' AS decision, 'MEM-13' AS reason
FROM members_added AS m
LEFT JOIN addresses AS a ON m.sf_id = a.sf_id;

INSERT INTO changes BY NAME
WITH addresses AS (
    SELECT sf_id, min(email) AS email FROM records_read GROUP BY sf_id
)

SELECT
    'remove_members:' || m.campaign AS operation, '' AS account, m.sf_id AS person, m.record_type, m.sf_id, a.email,
    m.campaign, 'member' AS aspect, m.member_id AS field, m.status AS "old", 'remove' AS decision, 'MEM-13' AS reason
FROM members_removed AS m
LEFT JOIN addresses AS a ON m.sf_id = a.sf_id;

-- CON-8: a record that is its contact's pair settles the base; of the others the address is remembered. While more than
-- one is due, only Salesforce's side is settled: a refused one is tried again.
INSERT INTO changes BY NAME
WITH own AS (
    SELECT account, sf_id, contact_id FROM all_pairs
    UNION
    SELECT account, sf_id, contact_id FROM active
)

SELECT
    'opt_out_records:' || t.account AS operation, t.account, t.sf_id AS person, t.record_type, t.sf_id,
    o.contact_id, t.email, 'consent' AS aspect, r.opt_out_field AS field, 'false' AS "old", 'true' AS "new",
    'tick' AS decision, 'CON-8' AS reason, '1' AS expect_s, CASE WHEN t.is_only THEN '1' END AS expect_d
FROM ticks AS t
INNER JOIN record_types AS r ON t.account = r.account AND t.record_type = r.record_type
LEFT JOIN own AS o ON t.account = o.account AND t.sf_id = o.sf_id AND t.contact_id = o.contact_id;

-- CON-7: every contact read, on a book or not, wanted or not, that is in while Salesforce says out (CON-2); and ID-4: one
-- that a record went to or left while the other one is opted out.
INSERT INTO suppressions BY NAME
WITH outs AS (
    SELECT account, contact_id FROM out_contacts
    UNION
    SELECT account, contact_id FROM carried
)

SELECT
    c.account, c.contact_id, c.email, c.channel, n.sf_id, n.record_type, h.contact_id IS NOT NULL AS out_here
FROM contacts AS c
INNER JOIN accounts AS a ON c.account = a.account AND a.opt_out_to_dotdigital
INNER JOIN suppressible AS s ON c.channel = s.channel
INNER JOIN outs AS o ON c.account = o.account AND c.contact_id = o.contact_id
LEFT JOIN out_contacts AS h ON c.account = h.account AND c.contact_id = h.contact_id
LEFT JOIN names AS n ON c.account = n.account AND c.contact_id = n.contact_id;

INSERT INTO changes BY NAME
SELECT
    'suppress:' || account AS operation, account, coalesce(sf_id, 'contact ' || contact_id) AS person, record_type, sf_id,
    contact_id, email, 'consent' AS aspect, 'opted_out' AS field, channel AS "old", 'suppressed' AS "new",
    'suppress' AS decision,
    CASE WHEN out_here THEN 'CON-7' ELSE 'ID-4' END AS reason,
    CASE WHEN out_here THEN '1' ELSE '0' END AS expect_s,
    '1' AS expect_d
FROM suppressions;

-- ID-4: a row for the record whose address a contact takes, and one for each other record that has it (`follow`).
INSERT INTO changes BY NAME
WITH leaders AS (
    SELECT
        r.*, c.email AS old_email,
        'rename:' || r.account || CASE WHEN r.wave > 0 THEN ':' || r.wave ELSE '' END AS operation,
        left(sha256(s.prefix || r.email_key), 16) AS email_hash
    FROM renames AS r
    CROSS JOIN settings AS s
    LEFT JOIN contacts AS c ON r.account = c.account AND r.contact_id = c.contact_id
),

every AS (
    SELECT
        account, operation, sf_id, record_type, contact_id, email, old_email, email_hash, sf_id AS person,
        'rename' AS decision
    FROM leaders
    UNION ALL
    SELECT
        l.account, l.operation, m.sf_id, m.record_type, l.contact_id, l.email, l.old_email, l.email_hash,
        l.sf_id AS person, 'follow' AS decision
    FROM leaders AS l
    INNER JOIN matched AS m
        ON l.account = m.account AND l.contact_id = m.pair_contact AND l.email_key = m.email_key AND m.hold IS NULL
    WHERE NOT EXISTS (SELECT 1 FROM renames AS r WHERE r.account = m.account AND r.sf_id = m.sf_id)
)

SELECT
    operation, account, person, record_type, sf_id, contact_id, email, 'identity' AS aspect, 'email' AS field,
    old_email AS "old", email AS "new", decision, 'ID-4' AS reason, email_hash AS expect_s, email_hash AS expect_d
FROM every;

-- Creations: their identity, their opt-out, their lists; the values come with those of everybody else.
INSERT INTO changes BY NAME
SELECT
    c.operation, c.account, c.sf_id AS person, c.record_type, c.sf_id, c.email, 'identity' AS aspect, 'email' AS field,
    c.email AS "new", 'create' AS decision, 'ID-2' AS reason,
    left(sha256(s.prefix || coalesce(c.email_key, '')), 16) AS expect_s,
    left(sha256(s.prefix || coalesce(c.email_key, '')), 16) AS expect_d
FROM created AS c
CROSS JOIN settings AS s;

INSERT INTO changes BY NAME
SELECT
    operation, account, sf_id AS person, record_type, sf_id, email, 'consent' AS aspect, 'opted_out' AS field,
    'suppressed' AS "new", 'create_opted_out' AS decision,
    CASE WHEN s_out THEN 'CON-3' ELSE 'ID-4' END AS reason,
    CASE WHEN s_out THEN '1' ELSE '0' END AS expect_s,
    '1' AS expect_d
FROM created
WHERE is_out;

INSERT INTO changes BY NAME
SELECT
    c.operation, c.account, u.sf_id AS person, u.record_type, u.sf_id, u.email, u.address_book, u.campaign,
    'list' AS aspect, u.member_id AS field, u.rests_on AS "old", 'add' AS decision, 'MEM-1' AS reason,
    'wanted' AS expect_s, 'on,ours' AS expect_d
FROM unmade AS u
INNER JOIN created AS c ON u.account = c.account AND u.person = c.person AND NOT c.is_out
WHERE u.held IS NULL;

-- Who is added to a book, and who is taken off.
INSERT INTO changes BY NAME
SELECT
    'import:' || m.account AS operation, m.account, coalesce(m.sf_id, 'contact ' || m.contact_id) AS person,
    m.record_type, m.sf_id, m.contact_id, c.email, m.address_book, m.campaign, 'list' AS aspect, m.member_id AS field,
    m.rests_on AS "old", 'add' AS decision, m.rule AS reason, 'wanted' AS expect_s, 'on,ours' AS expect_d
FROM memberships AS m
LEFT JOIN contacts_after AS c ON m.account = c.account AND m.contact_id = c.contact_id
WHERE m.decision = 'add';

INSERT INTO changes BY NAME
SELECT
    'remove:' || m.account || ':' || m.address_book AS operation, m.account,
    coalesce(m.sf_id, 'contact ' || m.contact_id) AS person, m.record_type, m.sf_id, m.contact_id, c.email,
    m.address_book, 'list' AS aspect, m.removed AS "old", 'remove' AS decision, m.rule AS reason
FROM memberships AS m
LEFT JOIN contacts_after AS c ON m.account = c.account AND m.contact_id = c.contact_id
WHERE m.decision = 'remove';

-- Values to write, and those that their target cannot hold (VAL-23).
INSERT INTO changes BY NAME
WITH sent AS (
    SELECT
        v.account, v.sf_id, v.record_type, v.contact_id, v.rule, v.next_s, v.next_d, v.problem,
        coalesce(a.sent_to, c.email) AS email,
        CASE
            WHEN v.kind = 'created' THEN c.operation
            WHEN v.aim = 'd'        THEN 'import:' || v.account
            ELSE                         'update_records:' || v.account
        END AS operation,
        CASE v.aim WHEN 'd' THEN v.data_field ELSE v.salesforce_field END AS field,
        CASE WHEN v.kind = 'pair' THEN CASE v.aim WHEN 'd' THEN v.r_d ELSE v.r_s END END AS old_value,
        CASE v.aim WHEN 'd' THEN v.v_d ELSE v.v_s END AS new_value,
        CASE
            WHEN v.kind = 'created'                                       THEN 'fill'
            WHEN CASE v.aim WHEN 'd' THEN v.d_blank ELSE v.s_blank END    THEN 'fill'
            WHEN CASE v.aim WHEN 'd' THEN v.s_blank ELSE v.d_blank END    THEN 'blank'
            ELSE                                                               'overwrite'
        END AS decision
    FROM valued AS v
    LEFT JOIN active AS a ON v.account = a.account AND v.sf_id = a.sf_id
    LEFT JOIN created AS c ON v.account = c.account AND v.sf_id = c.sf_id
    WHERE v.kind <> 'lead' AND v.aim IS NOT NULL AND NOT v.is_barred
)

SELECT
    CASE WHEN problem IS NULL THEN operation ELSE 'problems:' || account END AS operation,
    account, sf_id AS person, record_type, sf_id, contact_id, email,
    CASE WHEN problem IS NULL THEN 'value' ELSE 'problem' END AS aspect,
    field, old_value AS "old", new_value AS "new",
    coalesce(problem, decision) AS decision,
    CASE WHEN problem IS NULL THEN rule ELSE 'VAL-23' END AS reason,
    CASE WHEN problem IS NULL THEN next_s END AS expect_s,
    CASE WHEN problem IS NULL THEN next_d END AS expect_d
FROM sent;

-- Wanted people whose address is longer than Dotdigital takes.
INSERT INTO changes BY NAME
SELECT DISTINCT
    'problems:' || m.account AS operation, m.account, m.sf_id AS person, m.record_type, m.sf_id,
    m.pair_contact AS contact_id, 'problem' AS aspect, 'email' AS field, m.email AS "new",
    'email_too_long' AS decision, 'VAL-23' AS reason
FROM matched AS m
INNER JOIN wants AS w ON m.account = w.account AND m.sf_id = w.sf_id AND w.passes AND NOT w.leaves
WHERE m.hold = 'no address' AND length(m.email) > 256;

-- WIRE-1: a row per person of whom something would be sent to an address that is refused for good.
INSERT INTO changes BY NAME
WITH refused AS (
    SELECT account, sf_id, record_type, contact_id FROM memberships WHERE held = 'address refused for good'
    UNION
    SELECT account, sf_id, record_type, NULL AS contact_id FROM unmade WHERE held = 'address refused for good'
    UNION
    SELECT account, sf_id, record_type, contact_id FROM valued WHERE is_barred
)

SELECT
    'problems:' || account AS operation, account, coalesce(sf_id, 'contact ' || contact_id) AS person, record_type,
    sf_id, contact_id, 'problem' AS aspect, 'email' AS field, 'refused' AS decision, 'WIRE-1' AS reason
FROM refused;
