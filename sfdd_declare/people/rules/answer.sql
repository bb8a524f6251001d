-- The answer in numbers: group-bys of what is going to be done and of who is left out. Nothing is decided here.
-- in: changes (what goes), parked_changes (what is held because it was refused before).

INSERT INTO operation_counts BY NAME
SELECT
    operation,
    count(DISTINCT person) AS people,
    count(*) AS "rows"
FROM changes
WHERE NOT starts_with(operation, 'problems:') AND NOT starts_with(operation, 'pending:')
GROUP BY operation;

INSERT INTO change_counts BY NAME
SELECT operation, CASE WHEN aspect = 'value' THEN field ELSE aspect END || ':' || decision AS name, count(*) AS "rows"
FROM changes
GROUP BY operation, CASE WHEN aspect = 'value' THEN field ELSE aspect END || ':' || decision;

-- Records are known to the whole org, bare contacts to their account alone.
INSERT INTO totals BY NAME
WITH named AS (
    SELECT
        *,
        coalesce(sf_id, account || ':' || person) AS who,
        starts_with(operation, 'create_leads:') AS is_new
    FROM changes
)

SELECT
    count(DISTINCT who) FILTER (WHERE aspect = 'list' AND decision = 'add') AS "add",
    count(DISTINCT who) FILTER (
        WHERE (aspect = 'value' AND contact_id IS NOT NULL AND NOT is_new) OR decision = 'rename'
    ) AS "update",
    count(DISTINCT who) FILTER (WHERE aspect IN ('list', 'member') AND decision = 'remove') AS "remove",
    count(DISTINCT who) FILTER (WHERE aspect = 'value' AND reason IN ('VAL-9', 'VAL-12')) AS conflicts,
    count(DISTINCT who) FILTER (WHERE aspect = 'consent' AND decision <> 'tick') AS suppress,
    count(DISTINCT who) FILTER (WHERE aspect = 'consent' AND decision = 'tick') AS opt_out,
    count(*) FILTER (WHERE aspect = 'member' AND decision = 'add' AND NOT is_new) AS members,
    count(DISTINCT who) FILTER (WHERE is_new) AS new_leads,
    count(DISTINCT who) FILTER (WHERE starts_with(operation, 'adopt:')) AS adopt
FROM named;

-- CON-16: people of whom something was not approved; people whose approved rows wait for such a one; rows that were
-- approved and are still due, held back or not.
INSERT INTO left_counts BY NAME
WITH everybody AS (
    SELECT person, bool_and(waits) AS waits FROM left_people GROUP BY person
)

SELECT
    (SELECT count(*) FROM everybody AS e WHERE NOT e.waits) AS fresh,
    (SELECT count(*) FROM everybody AS e WHERE e.waits) AS waiting,
    (
        SELECT count(*)
        FROM meanings AS m
        INNER JOIN read_approved AS a ON m.meaning = a.meaning
        WHERE NOT m.is_move
    ) AS due;

INSERT INTO held_counts BY NAME
WITH by_account AS (
    SELECT account, reason, count(DISTINCT who) AS people FROM held GROUP BY account, reason
)

SELECT reason, sum(people) AS people FROM by_account GROUP BY reason;

INSERT INTO account_counts BY NAME
WITH overwritten AS (
    SELECT account, count(DISTINCT person) AS people
    FROM changes
    WHERE aspect = 'value' AND decision IN ('overwrite', 'blank')
    GROUP BY account
)

SELECT
    a.account,
    coalesce(o.people, 0) AS overwrites,
    (SELECT count(*) FROM created AS c WHERE c.account = a.account AND NOT c.is_out) AS creations,
    (SELECT count(*) FROM created AS c WHERE c.account = a.account)
    + (SELECT count(*) FROM active AS c WHERE c.account = a.account) AS scope
FROM accounts AS a
LEFT JOIN overwritten AS o ON a.account = o.account;

-- RUN-3: somebody came or went, became somebody else, or a field lost its values (VAL-26): a delta does not know enough.
INSERT INTO unproven BY NAME
SELECT 1 AS reasons
WHERE
    EXISTS (
        SELECT 1 FROM memberships
        WHERE
            decision = 'unproven'
            AND coalesce(address_book, '') NOT IN (SELECT b.address_book FROM books AS b WHERE NOT b.in_focus)
    )
    OR EXISTS (SELECT 1 FROM renames)
    OR EXISTS (SELECT 1 FROM matched WHERE former IS NOT NULL)
    OR EXISTS (SELECT 1 FROM records_read WHERE converted)
    OR EXISTS (SELECT 1 FROM renewed);

-- What is missing of new leads.
INSERT INTO pending_counts BY NAME
WITH by_account AS (
    SELECT n.account, p.why, count(DISTINCT n.contact_id) AS people
    FROM newcomers AS n
    INNER JOIN pending AS p ON n.account = p.account AND n.contact_id = p.contact_id
    WHERE n.skip IS NULL AND n.found_id IS NULL
    GROUP BY n.account, p.why
)

SELECT why, sum(people) AS people FROM by_account GROUP BY why;

-- `wanted` counts people whom something holds up too: their campaign did not lose them.
INSERT INTO book_counts BY NAME
WITH wanting AS (
    SELECT account, address_book, count(DISTINCT who) AS wanted
    FROM first_wants
    WHERE person IS NOT NULL
    GROUP BY account, address_book
),

seen AS (
    SELECT
        account, address_book,
        count(*) FILTER (WHERE is_on) AS on_book,
        count(*) FILTER (WHERE was_wanted) AS wanted_before,
        count(*) FILTER (WHERE decision = 'remove') AS removed
    FROM memberships
    GROUP BY account, address_book
)

SELECT
    b.account, b.address_book,
    coalesce(w.wanted, 0) AS wanted,
    coalesce(s.wanted_before, 0) AS wanted_before,
    coalesce(s.on_book, 0) AS on_book,
    coalesce(s.removed, 0) AS removed
FROM books AS b
LEFT JOIN wanting AS w ON b.account = w.account AND b.address_book = w.address_book
LEFT JOIN seen AS s ON b.account = s.account AND b.address_book = s.address_book;

-- Of the campaigns that lose members.
INSERT INTO campaign_counts BY NAME
SELECT
    r.campaign,
    count(*) + (SELECT count(*) FROM members_staying AS s WHERE s.campaign = r.campaign) AS members,
    count(*) AS removed
FROM members_removed AS r
GROUP BY r.campaign;

-- Of the campaigns whose members are declared; nothing where people were read in part.
INSERT INTO selected_counts BY NAME
SELECT c.campaign, count(DISTINCT s.sf_id) AS people
FROM campaigns AS c
LEFT JOIN selected AS s ON c.campaign = s.campaign
WHERE c.selects AND c.is_complete AND NOT EXISTS (SELECT 1 FROM books AS b WHERE b.is_partial)
GROUP BY c.campaign;
