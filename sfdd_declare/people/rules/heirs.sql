-- Who lives on as whom (ID-5): a lead may have been merged into one that was converted, so chains are followed to their
-- end. First the steps; then, of the followed ones, the heirs. An heir that was not read takes over nothing.

INSERT INTO steps BY NAME
WITH every AS (
    SELECT account, sf_id, converted_to AS heir
    FROM records_read
    WHERE converted AND converted_to IS NOT NULL
    UNION ALL
    SELECT a.account, f.sf_id, f.survivor AS heir
    FROM accounts AS a
    CROSS JOIN fates AS f
    WHERE f.fate = 'merged' AND f.survivor IS NOT NULL
),

firsts AS (
    SELECT account, sf_id, min(heir) AS heir FROM every GROUP BY account, sf_id
)

SELECT
    s.account, s.sf_id AS node,
    CASE WHEN n.sf_id IS NOT NULL THEN s.heir END AS further,
    CASE WHEN n.sf_id IS NULL THEN s.heir END AS ending
FROM firsts AS s
LEFT JOIN firsts AS n ON s.account = n.account AND s.heir = n.sf_id;
