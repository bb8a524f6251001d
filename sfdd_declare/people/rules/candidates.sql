-- Whose values are looked at one by one: only people about whom something may have to be said. A person is settled when
-- both sides' values and both sides' bases are the same; one signature per side and base says so. The base of a record
-- that leaves its contact (ID-4) says nothing about the present one.

INSERT INTO candidates BY NAME
WITH mapped AS (
    SELECT DISTINCT account, record_type FROM fields
),

out_of_step AS (
    SELECT DISTINCT a.account, a.sf_id
    FROM active AS a
    LEFT JOIN record_forms AS r ON a.account = r.account AND a.record_type = r.record_type AND a.sf_id = r.sf_id
    LEFT JOIN contact_forms AS c
        ON a.account = c.account AND a.record_type = c.record_type AND a.contact_id = c.contact_id
    LEFT JOIN base_forms AS b ON a.account = b.account AND a.record_type = b.record_type AND a.sf_id = b.sf_id
    WHERE
        a.former IS NOT NULL
        OR NOT coalesce(
            r.forms = c.forms AND r.hashes = b.hashes_s AND r.hashes = b.hashes_d AND NOT b.is_altered, FALSE
        )
)

SELECT a.account, a.sf_id, a.record_type, a.contact_id, a.former, a.is_refused
FROM active AS a
INNER JOIN mapped AS m ON a.account = m.account AND a.record_type = m.record_type
INNER JOIN out_of_step AS o ON a.account = o.account AND a.sf_id = o.sf_id;

-- Contacts that another record wrote so far: what the base knows of them goes to the new writer (BASE-1).
INSERT INTO inheriting BY NAME
SELECT DISTINCT a.account, a.contact_id
FROM active AS a
INNER JOIN pairs AS p ON a.account = p.account AND a.contact_id = p.contact_id
WHERE NOT a.is_pair;

INSERT INTO asked_records BY NAME
SELECT account, record_type, sf_id FROM candidates
UNION
SELECT account, record_type, sf_id FROM created;

INSERT INTO asked_contacts BY NAME
SELECT account, contact_id FROM candidates
UNION
SELECT account, contact_id FROM newcomers WHERE skip IS NULL AND found_id IS NULL;

INSERT INTO asked_bases BY NAME
SELECT account, record_type, sf_id FROM candidates
UNION
SELECT p.account, p.record_type, p.sf_id
FROM pairs AS p
INNER JOIN inheriting AS i ON p.account = i.account AND p.contact_id = i.contact_id;
