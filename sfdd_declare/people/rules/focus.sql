-- `--target`, `--exclude` and links that are synchronised by hand: the rows about people whom a link in focus wants,
-- about its address book or its campaign. Whoever opted out is never left out (CON). Where every link is asked for that
-- is not synchronised by hand, so is whatever belongs to no link at all. Whom of its campaign a link wants that stopped
-- at an error nobody can say: all of them wait.

INSERT INTO asked_people BY NAME
WITH wanting AS (
    SELECT w.account, w.address_book, w.person, w.sf_id, l.in_focus
    FROM wants AS w
    INNER JOIN links AS l ON w.link = l.link
    WHERE (w.passes OR l.is_stopped) AND NOT w.leaves
),

named AS (
    SELECT address_book, sf_id, in_focus FROM wanting
    UNION ALL
    SELECT w.address_book, p.sf_id, w.in_focus
    FROM wanting AS w
    INNER JOIN people AS p ON w.account = p.account AND w.person = p.person
)

SELECT address_book, sf_id, bool_or(in_focus) AS in_focus
FROM named
WHERE sf_id IS NOT NULL
GROUP BY address_book, sf_id;

INSERT INTO unasked BY NAME
SELECT c.campaign, c.address_book, c.person, c.aspect, c.decision
FROM changes AS c
WHERE
    c.aspect = 'list' AND c.decision = 'add'
    AND NOT EXISTS (
        SELECT 1 FROM asked_people AS a WHERE a.in_focus AND a.address_book = c.address_book AND a.sf_id = c.sf_id
    );

DELETE FROM changes AS c
WHERE NOT (
    starts_with(c.operation, 'suppress:')
    OR starts_with(c.operation, 'create_leads:')  -- newcomers of other links are not among them
    OR starts_with(c.operation, 'adopt:')
    OR starts_with(c.operation, 'opt_out_records:')
    OR (
        c.aspect = 'list' AND c.decision = 'add'
        AND EXISTS (
            SELECT 1 FROM asked_people AS a WHERE a.in_focus AND a.address_book = c.address_book AND a.sf_id = c.sf_id
        )
    )
    OR (
        c.aspect = 'list' AND c.decision <> 'add'
        AND coalesce(c.address_book, '') IN (SELECT b.address_book FROM books AS b WHERE b.in_focus)
    )
    OR (
        c.aspect = 'member'
        AND coalesce(c.campaign, '') IN (SELECT g.campaign FROM campaigns AS g WHERE g.in_focus)
    )
    OR (
        c.aspect NOT IN ('list', 'member')
        AND (
            EXISTS (SELECT 1 FROM asked_people AS a WHERE a.in_focus AND a.sf_id = c.sf_id)
            OR (
                (SELECT s.asks_all FROM settings AS s)
                AND NOT EXISTS (SELECT 1 FROM asked_people AS a WHERE a.sf_id = c.sf_id)
            )
        )
    )
);

-- What is left out is not seen either: who joined or left is news when the link's turn comes.
DELETE FROM moves
WHERE
    aspect = 'list'
    AND coalesce(address_book, '') IN (SELECT b.address_book FROM books AS b WHERE NOT b.in_focus);
