-- What nobody has approved, and of whom nothing is carried because of it. in: meanings, read_approved.

-- CON-16: opt-outs need no approval, nor do pairs of people for whom nothing is written.
INSERT INTO unapproved BY NAME
SELECT m.*
FROM meanings AS m
LEFT JOIN read_approved AS a ON m.meaning = a.meaning
WHERE
    a.meaning IS NULL AND NOT m.is_opt_out
    AND (
        NOT m.is_move
        OR EXISTS (
            SELECT 1 FROM meanings AS w
            WHERE
                w.account = m.account AND w.person = m.person AND NOT w.is_move AND NOT w.is_opt_out
        )
    );

-- Nothing is carried of a person whose address, pairing, creation or campaign membership was not approved. Records are
-- members in the whole org, everything else belongs to one account.
INSERT INTO halted BY NAME
SELECT DISTINCT a.account, u.person
FROM unapproved AS u
INNER JOIN accounts AS a ON u.account = a.account OR u.is_everywhere
WHERE u.aspect IN ('identity', 'member', 'consent') OR (u.is_creation AND u.aspect = 'value');
