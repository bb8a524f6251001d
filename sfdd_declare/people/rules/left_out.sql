-- Who is left out and why: per link (`skips`, INV-11), and over all (`held`, RUN-4). The reasons' words are those of
-- `people.held.WORDS`.

INSERT INTO skips BY NAME
SELECT account, link, who, skip AS reason FROM first_wants WHERE skip IS NOT NULL
UNION ALL
SELECT account, link, coalesce(sf_id, 'contact ' || contact_id) AS who, held AS reason
FROM memberships
WHERE is_wanted AND held IS NOT NULL
UNION ALL
SELECT account, link, sf_id AS who, coalesce(held, 'created opted out') AS reason
FROM unmade
WHERE held IS NOT NULL OR is_out;

INSERT INTO held BY NAME
SELECT account, reason, who FROM skips
UNION
-- removals that wait, and people who cannot be told to have gone
SELECT account, held AS reason, coalesce(sf_id, 'contact ' || contact_id) AS who FROM memberships WHERE held IS NOT NULL
UNION
-- ID-4: whose member went over to another contact, and who stays on a book that keeps people
SELECT m.account, 'left behind' AS reason, 'contact ' || m.contact_id AS who
FROM memberships AS m
INNER JOIN behind AS b ON m.account = b.account AND m.contact_id = b.former
WHERE m.decision = 'bystander' AND m.is_on AND m.was_wanted
UNION
SELECT account, skip AS reason, 'contact ' || contact_id AS who FROM newcomers WHERE skip IS NOT NULL
UNION
SELECT n.account, 'pending' AS reason, 'contact ' || n.contact_id AS who
FROM newcomers AS n
INNER JOIN pending AS p ON n.account = p.account AND n.contact_id = p.contact_id
WHERE n.skip IS NULL AND n.found_id IS NULL;

INSERT INTO held BY NAME
SELECT account, 'problem' AS reason, person AS who FROM changes
WHERE decision = 'email_too_long' AND starts_with(operation, 'problems:')
UNION
SELECT account, 'problem' AS reason, sf_id AS who
FROM valued
WHERE kind <> 'lead' AND problem IS NOT NULL AND NOT is_barred
UNION
-- ID-3: of the records of a person one writes
SELECT m.account, 'shadowed' AS reason, m.sf_id AS who
FROM matched AS m
WHERE m.hold IS NULL AND NOT EXISTS (SELECT 1 FROM people AS p WHERE p.account = m.account AND p.sf_id = m.sf_id)
UNION
-- what holds up everybody who shares a contact, wanted or not
SELECT account, hold AS reason, person AS who
FROM people
WHERE hold IN ('addresses in a circle', 'new address opted out')
UNION
SELECT a.account, 'another writer' AS reason, a.sf_id AS who
FROM active AS a
INNER JOIN inheriting AS i ON a.account = i.account AND a.contact_id = i.contact_id
WHERE NOT a.is_pair
UNION
SELECT account, 'address refused for good' AS reason, sf_id AS who FROM valued WHERE is_barred
UNION
SELECT account, 'blank kept' AS reason, sf_id AS who
FROM valued
WHERE kind = 'pair' AND rule IN ('VAL-5', 'VAL-7') AND aim IS NULL
UNION
SELECT account, CASE echo WHEN 'held' THEN 'keeps being changed' ELSE 'altered' END AS reason, sf_id AS who
FROM valued
WHERE kind = 'pair' AND echo IS NOT NULL
UNION
-- a conflict is about one field
SELECT account, waits AS reason, sf_id || ':' || salesforce_field AS who
FROM valued
WHERE kind = 'pair' AND waits IS NOT NULL;

-- ID-4: a contact has another address than the base says, and Salesforce did not move.
INSERT INTO held BY NAME
SELECT m.account, 'changed email in Dotdigital' AS reason, m.person AS who
FROM matched AS m
INNER JOIN contacts_after AS c ON m.account = c.account AND m.contact_id = c.contact_id
CROSS JOIN settings AS s
WHERE
    m.hold IS NULL AND m.is_pair AND c.email_key IS NOT NULL AND m.email_key <> c.email_key
    AND left(sha256(s.prefix || m.email_key), 16) = m.email_s
    AND left(sha256(s.prefix || c.email_key), 16) <> m.email_d;

INSERT INTO held BY NAME
-- CON-9
SELECT o.account, 're-consented in Salesforce' AS reason, coalesce(n.sf_id, 'contact ' || o.contact_id) AS who
FROM out_people AS o
LEFT JOIN names AS n ON o.account = n.account AND o.contact_id = n.contact_id
WHERE o.is_reconsented
UNION
-- CON-7
SELECT p.account, 'resubscribed in Dotdigital' AS reason, p.sf_id AS who
FROM people AS p
INNER JOIN suppressions AS s ON p.account = s.account AND p.contact_id = s.contact_id
WHERE p.has_contact AND p.s_out AND NOT p.channel_out AND coalesce(p.out_d, FALSE) AND p.former IS NULL;
