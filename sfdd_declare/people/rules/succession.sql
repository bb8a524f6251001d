-- Records that live on as another one (ID-5): a converted lead as its contact, a merged record as the survivor.
-- in: heirs, of chains that were followed to their end.
-- The heir takes over the pair when it has none of its own. If it has one, the former self only leaves its contact
-- behind; that one counts as having left, and its opt-out is carried.

INSERT INTO taken BY NAME
WITH past AS (
    SELECT p.*, h.heir, own.contact_id AS own_contact
    FROM pairs AS p
    INNER JOIN heirs AS h ON p.account = h.account AND p.sf_id = h.sf_id
    LEFT JOIN pairs AS own ON h.account = own.account AND h.heir = own.sf_id
),

numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account, heir ORDER BY coalesce(wrote_d, -1) DESC, contact_id, sf_id ASC
        ) AS nth
    FROM past
    WHERE own_contact IS NULL
)

SELECT
    n.account, n.heir AS sf_id, r.record_type, r.rank, n.contact_id, n.email_s, n.email_d, n.out_s, n.out_d, n.wrote_d
FROM numbered AS n
INNER JOIN records_read AS r ON n.account = r.account AND n.heir = r.sf_id
WHERE n.nth = 1;

INSERT INTO left_contacts BY NAME
SELECT DISTINCT p.account, h.heir AS sf_id, p.contact_id AS former
FROM pairs AS p
INNER JOIN heirs AS h ON p.account = h.account AND p.sf_id = h.sf_id
LEFT JOIN pairs AS own ON h.account = own.account AND h.heir = own.sf_id
LEFT JOIN taken AS t ON h.account = t.account AND h.heir = t.sf_id
WHERE coalesce(own.contact_id, t.contact_id) <> p.contact_id;
