-- Campaign members, selected records that are none yet, and members whom no selection names (MEM-13).

-- ID-5: the membership of a converted lead stays, and is that of its contact.
INSERT INTO memberships_read BY NAME
WITH heirs_of_all AS (
    SELECT
        sf_id, heir, heir_type,
        row_number() OVER (PARTITION BY sf_id ORDER BY CAST(heir_type AS VARCHAR), heir) AS nth
    FROM heirs
)

SELECT
    m.campaign, m.member_id, m.status, m.converted_to,
    coalesce(h.heir, m.sf_id) AS sf_id,
    coalesce(h.heir_type, m.record_type) AS record_type
FROM members AS m
LEFT JOIN heirs_of_all AS h ON m.sf_id = h.sf_id AND h.nth = 1;

-- Members of an exact campaign whom no selection names, apart from those whose former self may have been named, members
-- that are accounts, and newcomers of a link.
INSERT INTO members_removed BY NAME
SELECT DISTINCT m.campaign, m.record_type, m.sf_id, m.status, m.member_id
FROM memberships_read AS m
INNER JOIN campaigns AS c ON m.campaign = c.campaign AND c.is_exact AND c.is_there AND c.is_complete AND c.in_focus
WHERE
    m.sf_id IS NOT NULL
    AND m.converted_to IS NULL
    AND NOT EXISTS (SELECT 1 FROM selected AS s WHERE s.campaign = m.campaign AND s.sf_id = m.sf_id)
    AND NOT EXISTS (SELECT 1 FROM protected AS p WHERE p.campaign = m.campaign AND p.sf_id = m.sf_id)
    AND NOT EXISTS (SELECT 1 FROM fates AS f WHERE f.survivor = m.sf_id)
    AND NOT EXISTS (SELECT 1 FROM records_read AS r WHERE r.sf_id = m.sf_id AND r.converted);

INSERT INTO members_staying BY NAME
SELECT DISTINCT m.campaign, m.record_type, m.sf_id, m.status, m.member_id
FROM memberships_read AS m
WHERE NOT EXISTS (SELECT 1 FROM members_removed AS r WHERE r.member_id = m.member_id);

-- Of several selected records with one address, one stands for all: whoever is a member already, else the most recently
-- modified, then the lowest id (ID-3). A converted lead cannot be added.
INSERT INTO members_added BY NAME
WITH marked AS (
    SELECT s.*, m.sf_id IS NOT NULL AS is_member
    FROM selected AS s
    LEFT JOIN (SELECT DISTINCT campaign, sf_id FROM memberships_read) AS m
        ON s.campaign = m.campaign AND s.sf_id = m.sf_id
),

by_address AS (
    SELECT
        f.*,
        row_number() OVER (
            PARTITION BY f.campaign, f.record_type, f.address ORDER BY coalesce(f.modified, -1) DESC, f.sf_id
        ) AS nth
    FROM marked AS f
    WHERE
        NOT f.is_member
        AND f.address IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM marked AS o
            WHERE o.is_member AND o.campaign = f.campaign AND o.record_type = f.record_type AND o.address = f.address
        )
),

fresh AS (
    SELECT campaign, record_type, sf_id, status FROM marked WHERE NOT is_member AND address IS NULL
    UNION ALL
    SELECT campaign, record_type, sf_id, status FROM by_address WHERE nth = 1
),

numbered AS (
    SELECT
        f.*,
        row_number() OVER (
            PARTITION BY f.campaign, f.sf_id ORDER BY f.status IS NULL, f.status, f.record_type
        ) AS nth
    FROM fresh AS f
    WHERE NOT EXISTS (SELECT 1 FROM records_read AS r WHERE r.sf_id = f.sf_id AND r.converted)
)

SELECT
    n.campaign, n.record_type, n.sf_id, coalesce(n.status, c.default_status) AS status,
    '' AS member_id  -- predicted: it gets its id when it is added
FROM numbered AS n
LEFT JOIN campaigns AS c ON n.campaign = c.campaign
WHERE n.nth = 1;

-- Records that are members of nothing once the removed ones are gone.
INSERT INTO leaving BY NAME
SELECT DISTINCT r.sf_id
FROM members_removed AS r
WHERE
    NOT EXISTS (SELECT 1 FROM members_staying AS s WHERE s.sf_id = r.sf_id)
    AND NOT EXISTS (SELECT 1 FROM members_added AS a WHERE a.sf_id = r.sf_id);
