-- Who unsubscribed from one address book alone (CON-5), of `asked_places`: as the account tells in this run, and as it
-- is remembered for good. What is remembered goes by the address, never by the contact: it outlives a contact that was
-- deleted and made again. Opt-outs from a book that another one took the place of bar from that one, too.

INSERT INTO barred_places BY NAME
WITH spelled AS (
    SELECT p.account, p.address_book, p.email_key, p.address_book AS book, p.email_key AS spelling
    FROM asked_places AS p
    UNION ALL
    SELECT p.account, p.address_book, p.email_key, p.address_book AS book, o.older AS spelling
    FROM asked_places AS p
    INNER JOIN older AS o ON p.email_key = o.email_key
    UNION ALL
    SELECT p.account, p.address_book, p.email_key, b.predecessor AS book, p.email_key AS spelling
    FROM asked_places AS p
    INNER JOIN predecessors AS b ON p.address_book = b.address_book
),

hashed AS (
    SELECT
        p.account, p.address_book, p.email_key,
        left(sha256(s.prefix || p.book || chr(31) || p.spelling), 16) AS email_hash
    FROM spelled AS p
    CROSS JOIN settings AS s
    WHERE (SELECT r.has_lists FROM recall AS r)
)

SELECT t.account, t.address_book, t.email_key
FROM read_list_optouts AS t
WHERE t.email_key IS NOT NULL
UNION
SELECT h.account, h.address_book, h.email_key
FROM hashed AS h
INNER JOIN read_remembered AS m ON h.account = m.account AND h.email_hash = m.email_hash AND m.reason = 'list';
