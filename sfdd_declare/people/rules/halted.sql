-- Nobody takes an address before whoever frees it was carried, and nothing is sent to a contact whose new address was
-- not. Run until nobody is added.
INSERT INTO halted BY NAME
WITH unfreed AS (
    SELECT DISTINCT m.account, m.contact_id, left(sha256(s.prefix || coalesce(c.email_key, '')), 16) AS email_hash
    FROM meanings AS m
    INNER JOIN halted AS p ON m.account = p.account AND m.person = p.person
    INNER JOIN contacts AS c ON m.account = c.account AND m.contact_id = c.contact_id
    CROSS JOIN settings AS s
    WHERE m.decision = 'rename'
),

waiting AS (
    SELECT m.account, m.person
    FROM meanings AS m
    INNER JOIN unfreed AS u ON m.account = u.account AND m.expect_d = u.email_hash
    WHERE m.decision IN ('rename', 'create')
    UNION
    SELECT m.account, m.person
    FROM meanings AS m
    INNER JOIN unfreed AS u ON m.account = u.account AND m.contact_id = u.contact_id
)

SELECT w.account, w.person
FROM waiting AS w
LEFT JOIN halted AS p ON w.account = p.account AND w.person = p.person
WHERE p.person IS NULL;
