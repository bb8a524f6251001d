-- RUN-4: what was refused before, and what rests on it, is held. in: parked_rows. Consent is never among them.

INSERT INTO parked_changes
SELECT c.* FROM changes AS c
INNER JOIN parked_rows AS p ON c.operation = p.operation AND c.person = p.person;

DELETE FROM changes
WHERE EXISTS (SELECT 1 FROM parked_rows AS p WHERE p.operation = changes.operation AND p.person = changes.person);

-- Values rest on an address that the contact does not get.
INSERT INTO parked_changes
SELECT c.* FROM changes AS c
WHERE
    (starts_with(c.operation, 'import:') OR starts_with(c.operation, 'create:'))
    AND c.person IN (SELECT p.person FROM parked_rows AS p WHERE starts_with(p.operation, 'rename:'));

DELETE FROM changes
WHERE
    (starts_with(operation, 'import:') OR starts_with(operation, 'create:'))
    AND person IN (SELECT p.person FROM parked_rows AS p WHERE starts_with(p.operation, 'rename:'));

-- A list rests on memberships: an addition on those that are not made, a removal on those that are not ended.
INSERT INTO parked_lists BY NAME
WITH resting AS (
    SELECT operation, person, address_book, decision, unnest(string_split("old", ';')) AS id
    FROM changes
    WHERE aspect = 'list' AND "old" IS NOT NULL
),

unmade_members AS (
    SELECT DISTINCT person AS id FROM parked_rows WHERE starts_with(operation, 'members:')
),

unended_members AS (
    SELECT DISTINCT field AS id FROM parked_changes WHERE starts_with(operation, 'remove_members:')
)

SELECT r.operation, r.person, r.address_book
FROM resting AS r
LEFT JOIN unmade_members AS u ON r.id = u.id
LEFT JOIN unended_members AS e ON r.id = e.id
GROUP BY r.operation, r.person, r.address_book, r.decision
HAVING
    (r.decision = 'add' AND bool_and(u.id IS NOT NULL))
    OR (r.decision = 'remove' AND bool_or(e.id IS NOT NULL));

INSERT INTO parked_changes
SELECT c.* FROM changes AS c
INNER JOIN parked_lists AS p
    ON c.operation = p.operation AND c.person = p.person AND c.address_book = p.address_book;

DELETE FROM changes
WHERE
    EXISTS (
        SELECT 1 FROM parked_lists AS p
        WHERE
            p.operation = changes.operation AND p.person = changes.person AND p.address_book = changes.address_book
    );

-- Whoever is to be created for such a list alone is not created.
INSERT INTO bare_creations BY NAME
SELECT DISTINCT c.operation, c.person
FROM changes AS c
INNER JOIN parked_lists AS p ON c.operation = p.operation AND c.person = p.person
WHERE
    c.decision = 'create'
    AND NOT EXISTS (
        SELECT 1 FROM changes AS l
        WHERE l.operation = c.operation AND l.person = c.person AND l.aspect = 'list'
    );

INSERT INTO parked_changes
SELECT c.* FROM changes AS c
INNER JOIN bare_creations AS p ON c.operation = p.operation AND c.person = p.person;

DELETE FROM changes
WHERE EXISTS (SELECT 1 FROM bare_creations AS p WHERE p.operation = changes.operation AND p.person = changes.person);
