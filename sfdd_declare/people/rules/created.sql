-- A row per book that wants somebody without a contact, and why not (`held`); then who gets a contact, by which
-- operation. in: barred_places.

INSERT INTO unmade BY NAME
WITH newly AS (
    SELECT
        w.account, w.address_book, w.link, w.campaign, w.member_id, w.rests_on,
        p.person, p.sf_id, p.record_type, p.email, p.email_key, p.s_out, p.d_out, p.is_carried, p.is_refused,
        p.s_out OR p.is_carried AS is_out,
        t.email_key IS NOT NULL OR l.person IS NOT NULL AS is_off_by_choice,
        b.is_complete, b.is_taken_over,
        a.opt_out_to_dotdigital
    FROM first_wants AS w
    INNER JOIN people AS p ON w.account = p.account AND w.person = p.person
    INNER JOIN accounts AS a ON w.account = a.account
    INNER JOIN books_asked AS b ON w.account = b.account AND w.address_book = b.address_book
    LEFT JOIN barred_places AS t
        ON w.account = t.account AND w.address_book = t.address_book AND p.email_key = t.email_key
    LEFT JOIN left_behind AS l
        ON w.account = l.account AND w.address_book = l.address_book AND w.person = l.person
    WHERE w.skip IS NULL AND p.hold IS NULL AND NOT p.has_contact
)

SELECT
    account, address_book, link, campaign, member_id, rests_on,
    person, sf_id, record_type, email, email_key, s_out, is_out,
    CASE
        -- when                                     held                                         rule
        WHEN is_out AND NOT opt_out_to_dotdigital THEN 'opted out'                            -- CON-2
        WHEN d_out AND NOT is_out                 THEN 'opted out in Dotdigital'              -- CON-3
        WHEN is_refused                           THEN 'address refused for good'             -- WIRE-1
        WHEN is_out                               THEN NULL                                   -- CON-3, ID-4
        WHEN is_off_by_choice                     THEN 'unsubscribed from the book'           -- CON-5
        WHEN NOT is_complete                      THEN 'book not read completely'             -- MEM-8
        WHEN is_taken_over                        THEN 'not in the state that was taken over' -- RUN-8
    END AS held
FROM newly;

INSERT INTO created BY NAME
SELECT DISTINCT
    u.account, u.person, u.sf_id, u.record_type, u.email, u.email_key, u.s_out, u.is_out,
    CASE
        WHEN u.is_out         THEN 'import_opted_out:'
        WHEN a.hold_creations THEN 'create:'  -- CON-15: of their own, which a guard blocks
        ELSE                       'import:'
    END || u.account AS operation
FROM unmade AS u
INNER JOIN accounts AS a ON u.account = a.account
WHERE u.held IS NULL;

-- Whose values travel: people with a contact who are wanted somewhere, or a pair of ours. An existing contact is sent
-- with its own address, so that its stored case is never changed.
INSERT INTO active BY NAME
SELECT
    p.account, p.person, p.contact_id, p.sf_id, p.record_type, p.email, p.email_key, p.contact_key,
    p.out_s, p.out_d, p.is_pair, p.former, p.looked_up, p.s_out, p.channel_out, p.is_refused,
    coalesce(p.contact_email, p.email) AS sent_to
FROM people AS p
LEFT JOIN (SELECT DISTINCT account, person FROM first_wants WHERE skip IS NULL) AS w
    ON p.account = w.account AND p.person = w.person
WHERE p.hold IS NULL AND p.has_contact AND (p.is_known OR w.person IS NOT NULL);
