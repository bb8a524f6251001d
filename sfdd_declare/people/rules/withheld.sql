-- Takes out of changes what is not carried, with what rests on it. in: meanings, unapproved, halted.

INSERT INTO withheld BY NAME
SELECT
    m.operation, m.account, m.person, m.contact_id, m.address_book, m.campaign, m.aspect, m.decision, m.field,
    m.is_everywhere, m.meaning, u.meaning IS NULL AS waits
FROM meanings AS m
LEFT JOIN unapproved AS u ON m.operation = u.operation AND m.person = u.person AND m.meaning = u.meaning
WHERE
    NOT m.is_opt_out
    AND (
        u.meaning IS NOT NULL
        OR EXISTS (
            SELECT 1 FROM halted AS p
            WHERE p.person = m.person AND (p.account = m.account OR m.is_everywhere)
        )
    );

-- A list rests on memberships: an addition on those that are not made, a removal on those that are not ended.
INSERT INTO withheld BY NAME
WITH lists AS (
    SELECT m.*
    FROM meanings AS m
    LEFT JOIN withheld AS w ON m.operation = w.operation AND m.person = w.person AND m.meaning = w.meaning
    WHERE m.aspect = 'list' AND m."old" IS NOT NULL AND w.meaning IS NULL
),

resting AS (
    SELECT operation, person, meaning, decision, unnest(string_split("old", ';')) AS id FROM lists
),

unmade_members AS (
    SELECT DISTINCT person AS id FROM withheld WHERE starts_with(operation, 'members:')
),

unended_members AS (
    SELECT DISTINCT field AS id FROM withheld WHERE starts_with(operation, 'remove_members:')
),

waiting AS (
    SELECT r.operation, r.person, r.meaning
    FROM resting AS r
    LEFT JOIN unmade_members AS u ON r.id = u.id
    LEFT JOIN unended_members AS e ON r.id = e.id
    GROUP BY r.operation, r.person, r.meaning, r.decision
    HAVING
        (r.decision = 'add' AND bool_and(u.id IS NOT NULL))
        OR (r.decision = 'remove' AND bool_or(e.id IS NOT NULL))
)

SELECT
    l.operation, l.account, l.person, l.contact_id, l.address_book, l.campaign, l.aspect, l.decision, l.field,
    l.is_everywhere, l.meaning, TRUE AS waits
FROM lists AS l
INNER JOIN waiting AS w ON l.operation = w.operation AND l.person = w.person AND l.meaning = w.meaning;

-- Whoever is to be created for such lists alone is not created.
INSERT INTO withheld BY NAME
WITH listed AS (
    SELECT m.operation, m.person
    FROM meanings AS m
    LEFT JOIN withheld AS w ON m.operation = w.operation AND m.person = w.person AND m.meaning = w.meaning
    WHERE m.aspect = 'list' AND m.is_creation
    GROUP BY m.operation, m.person
    HAVING bool_and(w.meaning IS NOT NULL)
)

SELECT
    m.operation, m.account, m.person, m.contact_id, m.address_book, m.campaign, m.aspect, m.decision, m.field,
    m.is_everywhere, m.meaning, TRUE AS waits
FROM meanings AS m
INNER JOIN listed AS l ON m.operation = l.operation AND m.person = l.person
LEFT JOIN withheld AS w ON m.operation = w.operation AND m.person = w.person AND m.meaning = w.meaning
WHERE w.meaning IS NULL;

DELETE FROM changes WHERE aspect <> 'problem';

INSERT INTO changes BY NAME
SELECT
    m.operation, m.account, m.person, m.record_type, m.sf_id, m.contact_id, m.email, m.address_book, m.campaign, m.aspect,
    m.field, m."old", m."new", m.decision, m.reason, m.expect_s, m.expect_d
FROM meanings AS m
LEFT JOIN withheld AS w ON m.operation = w.operation AND m.person = w.person AND m.meaning = w.meaning
WHERE NOT m.is_move AND w.meaning IS NULL;

-- Nothing is remembered of people who are left out: they are planned again as they are (BASE-6).
INSERT INTO left_people BY NAME
SELECT a.account, w.person, w.contact_id, bool_and(w.waits) AS waits
FROM withheld AS w
INNER JOIN accounts AS a ON w.account = a.account OR w.is_everywhere
GROUP BY a.account, w.person, w.contact_id;

DELETE FROM moves
WHERE
    NOT starts_with(operation, 'moves:early')
    AND EXISTS (
        SELECT 1 FROM left_people AS l
        WHERE l.account = moves.account AND (l.person = moves.person OR l.contact_id = moves.contact_id)
    );

-- A contact that its record left stays wanted where the record does not leave after all (ID-4).
DELETE FROM moves
WHERE
    starts_with(operation, 'moves:early')
    AND EXISTS (
        SELECT 1 FROM matched AS r
        INNER JOIN left_people AS l ON r.account = l.account AND r.sf_id = l.person
        WHERE r.account = moves.account AND r.former = moves.contact_id
    );

-- Newcomers who are not carried are counted with those who are left out.
DELETE FROM new_leads
WHERE
    EXISTS (
        SELECT 1 FROM withheld AS w
        WHERE
            starts_with(w.operation, 'create_leads:') AND w.account = new_leads.account
            AND w.contact_id = new_leads.contact_id
    );

DELETE FROM adoptions
WHERE
    EXISTS (
        SELECT 1 FROM withheld AS w WHERE w.operation = adoptions.operation AND w.person = adoptions.found_id
    );
