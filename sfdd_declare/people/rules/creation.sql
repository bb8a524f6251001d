-- Wanted people who have no contact (MEM-1, CON-3): created with their lists, created opted out, or left out. Nobody is
-- created because they are opted out, and nobody to be on no book, but opted out (CON-3, ID-4).

INSERT INTO asked_places BY NAME
SELECT DISTINCT w.account, w.address_book, p.email_key
FROM first_wants AS w
INNER JOIN people AS p ON w.account = p.account AND w.person = p.person
WHERE w.skip IS NULL AND p.hold IS NULL AND NOT p.has_contact AND p.email_key IS NOT NULL;
