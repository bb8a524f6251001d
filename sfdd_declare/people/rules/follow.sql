-- Where chains of steps end: who waits for whom. Each round every step leads as far again as it did; a chain that never
-- ends runs in a circle, and its ending stays unknown. Run until `going` is empty.

INSERT INTO followed_next BY NAME
SELECT
    f.account, f.node,
    CASE WHEN f.further IS NULL THEN f.ending ELSE n.ending END AS ending,
    f.distance + coalesce(n.distance, 0) AS distance,
    n.further
FROM followed AS f
LEFT JOIN followed AS n ON f.account = n.account AND f.further = n.node;
