-- Who is wanted where: campaign members, and those a declared selection is about to make members, through the links.
-- A person counts at the first link, in file order, that wants them on a book. Who is left out says why (`skip`).

-- Every want of an account. `who` is the person, or the record when there is no person; `leaves`: a member that is about
-- to be removed.
INSERT INTO wants BY NAME
WITH joins AS (
    SELECT campaign, record_type, sf_id, status, member_id, FALSE AS leaves FROM members_staying
    UNION ALL
    SELECT campaign, record_type, sf_id, status, member_id, FALSE AS leaves FROM members_added
    UNION ALL
    SELECT campaign, record_type, sf_id, status, member_id, TRUE AS leaves FROM members_removed
)

SELECT
    l.account, l.address_book, l.link, l.campaign, j.sf_id, j.member_id, j.leaves,
    m.person,
    coalesce(m.person, j.sf_id) AS who,
    o.status IS NULL OR coalesce(j.status = o.status, FALSE) AS passes,
    p.sf_id IS NOT NULL AS is_writer,
    CASE
        WHEN t.is_mapped = FALSE THEN 'no mapping for ' || t.section  -- MEM-14
        WHEN m.sf_id IS NULL     THEN 'not visible any more'          -- ID-6
        ELSE m.hold
    END AS skip
FROM joins AS j
INNER JOIN links AS l ON j.campaign = l.campaign
INNER JOIN link_statuses AS o ON l.link = o.link
LEFT JOIN record_types AS t ON l.account = t.account AND j.record_type = t.record_type
LEFT JOIN matched AS m ON l.account = m.account AND j.sf_id = m.sf_id
LEFT JOIN people AS p ON m.account = p.account AND m.person = p.person AND m.sf_id = p.sf_id;

-- Members, by `;`, who want a person on a book until they are removed.
INSERT INTO leaving_wants BY NAME
SELECT account, address_book, person, string_agg(DISTINCT member_id, ';' ORDER BY member_id) AS removed
FROM wants
WHERE leaves AND passes AND person IS NOT NULL
GROUP BY account, address_book, person;

-- The want that counts. `members`: all campaign members that want the person there; `rests_on`: the records that are yet
-- to become members, if nobody else wants them. Nearly everybody is wanted by one membership alone: lists are only made
-- for the others.
INSERT INTO first_wants BY NAME
WITH passing AS (
    SELECT * FROM wants WHERE passes AND NOT leaves
),

numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account, address_book, who
            ORDER BY skip IS NOT NULL, link, member_id = '', NOT is_writer, member_id, skip, sf_id
        ) AS nth
    FROM passing
),

several AS (
    SELECT account, address_book, who FROM passing WHERE skip IS NULL
    GROUP BY account, address_book, who HAVING count(*) > 1
),

supported AS (
    SELECT
        p.account, p.address_book, p.who,
        string_agg(DISTINCT p.member_id, ';' ORDER BY p.member_id) AS members,
        CASE WHEN NOT bool_or(p.member_id <> '') THEN string_agg(DISTINCT p.sf_id, ';' ORDER BY p.sf_id) END AS rests_on
    FROM passing AS p
    INNER JOIN several AS s ON p.account = s.account AND p.address_book = s.address_book AND p.who = s.who
    WHERE p.skip IS NULL
    GROUP BY p.account, p.address_book, p.who
)

SELECT
    n.account, n.address_book, n.link, n.campaign, n.sf_id, n.member_id, n.who, n.person, n.skip,
    CASE WHEN n.skip IS NULL THEN coalesce(s.members, n.member_id) END AS members,
    CASE
        WHEN s.who IS NOT NULL                      THEN s.rests_on
        WHEN n.skip IS NULL AND n.member_id = ''    THEN n.sf_id
    END AS rests_on
FROM numbered AS n
LEFT JOIN supported AS s ON n.account = s.account AND n.address_book = s.address_book AND n.who = s.who
WHERE n.nth = 1;
