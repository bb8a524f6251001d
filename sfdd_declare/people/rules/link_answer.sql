-- The numbers of each link (INV-11). People count at the first link, in file order, that wants them on the book; updates
-- at the first of all. Nothing is decided here.

-- The first link that wants a person on any book.
INSERT INTO first_links BY NAME
SELECT w.account, p.sf_id, min(w.link) AS link
FROM first_wants AS w
INNER JOIN people AS p ON w.account = p.account AND w.person = p.person
WHERE w.skip IS NULL
GROUP BY w.account, p.sf_id;

-- Of the campaign members who pass a link's filter: how many there are (`members`), how many count at another link of
-- the book, and how many share the contact of one who counts here.
INSERT INTO link_counts BY NAME
WITH passing AS (
    SELECT DISTINCT w.account, w.address_book, w.link, w.who, w.sf_id, f.link AS counted
    FROM wants AS w
    LEFT JOIN first_wants AS f ON w.account = f.account AND w.address_book = f.address_book AND w.who = f.who
    WHERE w.passes AND NOT w.leaves
),

attributed AS (
    SELECT
        link,
        count(*) AS members,
        count(*) FILTER (WHERE counted = link)
        - count(DISTINCT CASE WHEN counted = link THEN address_book || ':' || who END) AS same_contact,
        count(*) FILTER (WHERE counted <> link) AS elsewhere
    FROM passing
    GROUP BY link
),

present AS (
    SELECT link, count(*) AS on_book FROM memberships WHERE is_wanted AND is_on GROUP BY link
),

updated AS (
    SELECT f.link, count(*) AS updates
    FROM first_links AS f
    WHERE
        EXISTS (
            SELECT 1 FROM changes AS c
            WHERE
                c.account = f.account AND c.sf_id = f.sf_id AND c.contact_id IS NOT NULL
                AND (c.aspect = 'value' OR c.decision = 'rename')
        )
    GROUP BY f.link
),

adds AS (
    SELECT campaign, address_book, count(DISTINCT person) AS people
    FROM changes
    WHERE aspect = 'list' AND decision = 'add'
    GROUP BY campaign, address_book
),

adds_with_parked AS (
    SELECT e.campaign, e.address_book, count(DISTINCT e.person) AS people
    FROM (
        SELECT campaign, address_book, person, aspect, decision FROM changes
        UNION ALL
        SELECT campaign, address_book, person, aspect, decision FROM parked_changes
    ) AS e
    WHERE e.aspect = 'list' AND e.decision = 'add'
    GROUP BY e.campaign, e.address_book
),

adds_with_left AS (
    SELECT e.campaign, e.address_book, count(DISTINCT e.person) AS people
    FROM (
        SELECT campaign, address_book, person, aspect, decision FROM changes
        UNION ALL
        SELECT campaign, address_book, person, aspect, decision FROM withheld
    ) AS e
    WHERE e.aspect = 'list' AND e.decision = 'add'
    GROUP BY e.campaign, e.address_book
),

adds_with_unasked AS (
    SELECT e.campaign, e.address_book, count(DISTINCT e.person) AS people
    FROM (
        SELECT campaign, address_book, person, aspect, decision FROM changes
        UNION ALL
        SELECT campaign, address_book, person, aspect, decision FROM unasked
    ) AS e
    WHERE e.aspect = 'list' AND e.decision = 'add'
    GROUP BY e.campaign, e.address_book
),

removals AS (
    SELECT address_book, count(DISTINCT person) AS people
    FROM changes
    WHERE aspect = 'list' AND decision = 'remove'
    GROUP BY address_book
),

firsts AS (
    SELECT address_book, min(link) AS link FROM links GROUP BY address_book
),

leads AS (
    SELECT campaign, address_book, count(DISTINCT contact_id) AS people FROM new_leads GROUP BY campaign, address_book
),

adopted AS (
    SELECT campaign, address_book, count(DISTINCT contact_id) AS people FROM adoptions GROUP BY campaign, address_book
),

waiting AS (
    SELECT n.campaign, n.address_book, count(DISTINCT n.contact_id) AS people
    FROM newcomers AS n
    INNER JOIN pending AS p ON n.account = p.account AND n.contact_id = p.contact_id
    WHERE n.skip IS NULL AND n.found_id IS NULL
    GROUP BY n.campaign, n.address_book
)

SELECT
    l.link,
    coalesce(t.members, 0) AS members,
    coalesce(t.same_contact, 0) AS same_contact,
    coalesce(t.elsewhere, 0) AS elsewhere,
    coalesce(a.people, 0) AS "add",
    coalesce(w.people, 0) - coalesce(a.people, 0) AS parked,
    coalesce(x.people, 0) - coalesce(a.people, 0) AS unapproved,
    coalesce(y.people, 0) - coalesce(a.people, 0) AS unasked,
    coalesce(u.updates, 0) AS "update",
    CASE WHEN f.link = l.link THEN coalesce(r.people, 0) ELSE 0 END AS "remove",
    coalesce(p.on_book, 0) AS on_book,
    coalesce(n.people, 0) AS new_leads,
    coalesce(d.people, 0) AS adopt,
    coalesce(g.people, 0) AS pending
FROM links AS l
INNER JOIN firsts AS f ON l.address_book = f.address_book
LEFT JOIN attributed AS t ON l.link = t.link
LEFT JOIN present AS p ON l.link = p.link
LEFT JOIN updated AS u ON l.link = u.link
LEFT JOIN adds AS a ON l.campaign = a.campaign AND l.address_book = a.address_book
LEFT JOIN adds_with_parked AS w ON l.campaign = w.campaign AND l.address_book = w.address_book
LEFT JOIN adds_with_left AS x ON l.campaign = x.campaign AND l.address_book = x.address_book
LEFT JOIN adds_with_unasked AS y ON l.campaign = y.campaign AND l.address_book = y.address_book
LEFT JOIN removals AS r ON l.address_book = r.address_book
LEFT JOIN leads AS n ON l.campaign = n.campaign AND l.address_book = n.address_book
LEFT JOIN adopted AS d ON l.campaign = d.campaign AND l.address_book = d.address_book
LEFT JOIN waiting AS g ON l.campaign = g.campaign AND l.address_book = g.address_book;

INSERT INTO skip_counts BY NAME
SELECT link, reason, count(DISTINCT who) AS people FROM skips GROUP BY link, reason;

-- One line per mapped field: how many values travel, are replaced, blanked or kept.
INSERT INTO field_counts BY NAME
WITH written AS (
    SELECT
        account, record_type, field,
        starts_with(operation, 'update_records:') OR starts_with(operation, 'create_leads:') AS is_back,
        count(*) FILTER (WHERE decision IN ('fill', 'overwrite', 'blank')) AS travelling,
        count(*) FILTER (WHERE decision = 'overwrite') AS overwritten,
        count(*) FILTER (WHERE decision = 'blank') AS blanked,
        count(*) FILTER (WHERE reason IN ('VAL-9', 'VAL-12')) AS won,
        count(*) FILTER (WHERE reason = 'BASE-7') AS settled
    FROM changes
    WHERE aspect = 'value'
    GROUP BY
        account, record_type, field,
        starts_with(operation, 'update_records:') OR starts_with(operation, 'create_leads:')
),

left_alone AS (
    SELECT
        account, record_type, field,
        count(*) FILTER (WHERE rule IN ('VAL-5', 'VAL-7')) AS kept,
        count(*) FILTER (WHERE waits IN ('conflict', 'first-sync held')) AS waiting
    FROM valued
    WHERE kind = 'pair' AND aim IS NULL AND NOT is_barred
    GROUP BY account, record_type, field
)

SELECT
    f.account, f.record_type, f.field,
    coalesce(t.travelling, 0) AS there, coalesce(t.overwritten, 0) AS there_overwritten,
    coalesce(t.blanked, 0) AS there_blanked, coalesce(t.won, 0) AS there_won, coalesce(t.settled, 0) AS there_settled,
    coalesce(b.travelling, 0) AS back, coalesce(b.overwritten, 0) AS back_overwritten,
    coalesce(b.blanked, 0) AS back_blanked, coalesce(b.won, 0) AS back_won, coalesce(b.settled, 0) AS back_settled,
    coalesce(l.kept, 0) AS kept, coalesce(l.waiting, 0) AS waiting
FROM fields AS f
LEFT JOIN written AS t
    ON
        f.account = t.account AND f.record_type = t.record_type AND f.data_field = t.field AND NOT t.is_back
        AND NOT (f.direction = 'dotdigital_to_salesforce' AND coalesce(f.old_direction = 'dotdigital_to_salesforce', TRUE))
LEFT JOIN written AS b
    ON f.account = b.account AND f.record_type = b.record_type AND f.salesforce_field = b.field AND b.is_back
LEFT JOIN left_alone AS l ON f.account = l.account AND f.record_type = l.record_type AND f.field = l.field;
