-- What somebody changed by hand about people, and in how many groups: who was changed alike counts together.
-- Only what the plan puts back, and what waits for somebody. Rows of the plan that put nothing back are counted apart.

-- Values edited on the side that is not their source, which stayed as it was: its base is its own, and it moved away
-- from it. A field that is new or of another type holds no edits.
INSERT INTO drifted BY NAME
WITH sides AS (
    SELECT
        v.account, v.sf_id, v.record_type, v.aim, v.salesforce_field, c.b_s, c.b_d,
        CASE v.aim WHEN 'd' THEN v.data_field ELSE v.salesforce_field END AS edited,
        CASE v.aim WHEN 'd' THEN c.c_d ELSE c.c_s END AS form,
        CASE v.aim WHEN 'd' THEN c.r_d ELSE c.r_s END AS shown,
        CASE v.aim WHEN 'd' THEN 'import:' ELSE 'update_records:' END || v.account AS operation,
        left(sha256(s.prefix || coalesce(c.c_s, '')), 16) AS h_s,
        left(sha256(s.prefix || coalesce(c.c_d, '')), 16) AS h_d,
        CASE v.aim WHEN 's' THEN r.modified_by END AS changed_by,
        CASE v.aim WHEN 's' THEN n.modified END AS changed_at
    FROM valued AS v
    INNER JOIN cells AS c ON v.account = c.account AND v.sf_id = c.sf_id AND v.field = c.field AND c.kind = 'pair'
    INNER JOIN fields AS f
        ON
            v.account = f.account AND v.record_type = f.record_type AND v.field = f.field
            AND NOT f.renewed AND f.retyped = ''
    CROSS JOIN settings AS s
    LEFT JOIN record_values AS r ON v.account = r.account AND v.sf_id = r.sf_id AND v.field = r.field
    LEFT JOIN records_read AS n ON v.account = n.account AND v.sf_id = n.sf_id
    WHERE v.kind = 'pair' AND v.rule = 'VAL-3'
),

edits AS (
    SELECT *
    FROM sides
    WHERE CASE aim WHEN 'd' THEN h_s = b_s AND h_d <> b_d ELSE h_d = b_d AND h_s <> b_s END
)

SELECT
    'value' AS what, e.account, e.record_type, e.sf_id AS who, e.aim AS side, e.salesforce_field AS place,
    e.edited AS field, e.form, e.shown, e.changed_by, e.changed_at,
    e.operation, e.sf_id AS person, 'value' AS aspect, e.edited AS key
FROM edits AS e
WHERE EXISTS (
    SELECT 1 FROM changes AS c
    WHERE c.operation = e.operation AND c.person = e.sf_id AND c.aspect = 'value' AND c.field = e.edited
);

-- MEM-2: on the book at the base, wanted, and not there any more; once an apply has recorded it, it is known.
INSERT INTO drifted BY NAME
SELECT
    'left' AS what, m.account, coalesce(m.sf_id, 'contact ' || m.contact_id) AS who, 'd' AS side,
    m.address_book AS place,
    'import:' || m.account AS operation, coalesce(m.sf_id, 'contact ' || m.contact_id) AS person, 'list' AS aspect,
    m.address_book AS key
FROM memberships AS m
INNER JOIN facts AS f ON m.account = f.account AND m.address_book = f.address_book AND m.contact_id = f.contact_id
WHERE m.is_wanted AND f.was_on AND NOT f.is_on AND m.decision IN ('left', 'add');

-- MEM-13: whom the last apply had on a book of the campaign was a member then, and whom it had on none was not. Nothing
-- can be told where no book of the campaign has a base, and of people who would be on none as members either.
INSERT INTO drifted BY NAME
WITH linked AS (
    SELECT DISTINCT l.campaign, l.account, l.address_book
    FROM links AS l
    INNER JOIN books AS b ON l.account = b.account AND l.address_book = b.address_book
    WHERE b.is_there AND NOT b.first_run
),

known AS (
    SELECT DISTINCT l.campaign, p.sf_id
    FROM linked AS l
    INNER JOIN read_memberships AS m ON l.account = m.account AND l.address_book = m.address_book AND m.wanted
    INNER JOIN all_pairs AS p ON m.account = p.account AND m.contact_id = p.contact_id
),

-- Whom another campaign of the same book wants says nothing about this one.
elsewhere AS (
    SELECT DISTINCT l.campaign, m.sf_id
    FROM linked AS l
    INNER JOIN linked AS o ON l.address_book = o.address_book AND l.campaign <> o.campaign
    INNER JOIN memberships_read AS m ON o.campaign = m.campaign
),

judged_members AS (
    SELECT
        c.campaign, c.sf_id, c.record_type, c.operation, c.decision, c.email,
        EXISTS (SELECT 1 FROM known AS k WHERE k.campaign = c.campaign AND k.sf_id = c.sf_id) AS was_member
    FROM changes AS c
    WHERE
        c.aspect = 'member' AND c.reason = 'MEM-13'
        AND EXISTS (SELECT 1 FROM linked AS l WHERE l.campaign = c.campaign)
        AND NOT EXISTS (SELECT 1 FROM elsewhere AS e WHERE e.campaign = c.campaign AND e.sf_id = c.sf_id)
)

SELECT
    CASE m.decision WHEN 'remove' THEN 'member_added' ELSE 'member_removed' END AS what,
    '' AS account, m.record_type, m.sf_id AS who, 's' AS side, m.campaign AS place,
    m.operation, m.sf_id AS person, 'member' AS aspect, m.campaign AS key
FROM judged_members AS m
WHERE
    (m.decision = 'add' AND m.was_member)
    OR (
        m.decision = 'remove'
        AND NOT m.was_member
        AND m.email IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM out_records AS o WHERE o.sf_id = m.sf_id)
    );

-- CON-7: put back by a suppression. CON-9: waits for somebody.
INSERT INTO drifted BY NAME
SELECT DISTINCT
    'resubscribed' AS what, h.account, h.who, 'd' AS side,
    'suppress:' || h.account AS operation, h.who AS person, 'consent' AS aspect, 'opted_out' AS key
FROM held AS h
WHERE h.reason = 'resubscribed in Dotdigital'
UNION ALL
SELECT DISTINCT
    'reconsented' AS what, h.account, h.who, 's' AS side,
    '' AS operation, h.who AS person, 'consent' AS aspect, 'opted_out' AS key
FROM held AS h
WHERE h.reason = 're-consented in Salesforce';

-- Groups with most people first; of each kind fifty are listed.
INSERT INTO drift_groups BY NAME
WITH grouped AS (
    SELECT
        what, account, record_type, side, place, field, form,
        min(shown) AS shown,
        count(DISTINCT who) AS people,
        CASE WHEN min(changed_by) = max(changed_by) AND count(changed_by) = count(*) THEN min(changed_by) END
            AS changed_by,
        max(changed_at) AS changed_at
    FROM drifted
    GROUP BY what, account, record_type, side, place, field, form
),

numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY what
            ORDER BY
                people DESC, coalesce(account, ''), coalesce(place, ''), coalesce(record_type, ''),
                coalesce(field, ''), coalesce(form, '')
        ) AS nth
    FROM grouped
)

SELECT *, nth <= 50 AS is_listed
FROM numbered;

INSERT INTO drift_more BY NAME
SELECT what, account, record_type, place, field, count(*) AS "groups", sum(people) AS people
FROM drift_groups
WHERE NOT is_listed
GROUP BY what, account, record_type, place, field;

INSERT INTO drift_others BY NAME
WITH keyed AS (
    SELECT
        operation, person, aspect,
        CASE aspect WHEN 'list' THEN address_book WHEN 'member' THEN campaign ELSE field END AS key
    FROM changes
    WHERE NOT starts_with(operation, 'problems:') AND NOT starts_with(operation, 'pending:')
)

SELECT k.operation, count(DISTINCT k.person) AS people, count(*) AS "rows"
FROM keyed AS k
WHERE
    NOT EXISTS (
        SELECT 1 FROM drifted AS d
        WHERE d.operation = k.operation AND d.person = k.person AND d.aspect = k.aspect AND d.key = k.key
    )
GROUP BY k.operation;
