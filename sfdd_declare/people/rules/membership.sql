-- Who is on which address book, and what to do about it (MEM, CON-5, RUN-1). The first line that fits decides.
-- in: facts: present (`is_…`, `has_…`) and base (`was_…`) of one contact on one book.

-- Whoever goes by another contact from now on is not put again on a book that they left, or opted out of, with the
-- contact they had before (CON-5, MEM-2).
INSERT INTO left_behind BY NAME
SELECT DISTINCT b.account, f.address_book, b.person
FROM behind AS b
INNER JOIN facts AS f ON b.account = f.account AND b.former = f.contact_id
WHERE f.is_unsubscribed OR f.was_unsubscribed OR f.was_left OR (f.was_on AND NOT f.is_on);

INSERT INTO memberships BY NAME
WITH named AS (
    SELECT
        f.*,
        f.is_unsubscribed OR l.person IS NOT NULL OR f.was_unsubscribed AS is_off_by_choice,
        f.was_ours OR (NOT f.has_base AND f.has_intent) AS is_ours,
        f.takes_newcomers AND NOT f.has_base AND NOT f.has_intent AND NOT f.has_pair AND NOT f.is_member
            AS is_newcomer,
        (f.was_on OR (f.was_left AND NOT f.is_released)) AND NOT f.restore_left AS stays_left,
        CASE WHEN NOT f.was_wanted THEN 'MEM-6' WHEN f.fails_filter THEN 'MEM-11' ELSE 'MEM-4' END AS left_rule
    FROM facts AS f
    LEFT JOIN people AS p ON f.account = p.account AND f.contact_id = p.contact_id
    LEFT JOIN left_behind AS l
        ON p.account = l.account AND p.person = l.person AND f.address_book = l.address_book
),

owned AS (
    SELECT *, removals = 'mirror' OR (removals = 'managed' AND is_ours) AS may_remove FROM named
),

proven AS (
    SELECT
        *,
        (is_on AND was_on AND NOT was_wanted AND NOT may_remove)
        OR (NOT is_on AND NOT was_on AND NOT was_wanted) AS is_no_news
    FROM owned
),

ruled AS (
    SELECT
        *,
        CASE
            -- when                                                             decision     rule       held
            WHEN is_wanted AND is_on                                      THEN ['on',        'MEM-3',   NULL]
            WHEN NOT is_on AND is_off_by_choice AND is_out                THEN ['optout',    'CON-5',   'opted out']
            WHEN NOT is_on AND is_off_by_choice                           THEN ['optout',    'CON-5',   'unsubscribed from the book']
            WHEN NOT is_complete                                          THEN ['nothing',   'MEM-8',   'book not read completely']
            WHEN is_wanted AND is_out                                     THEN ['nothing',   'CON-2',   'opted out']
            WHEN is_wanted AND was_on AND is_hidden                       THEN ['nothing',   'MEM-8',   'list not shown']
            WHEN is_wanted AND stays_left                                 THEN ['left',      'MEM-2',   'left in Dotdigital']
            WHEN is_wanted AND is_refused                                 THEN ['nothing',   'WIRE-1',  'address refused for good']
            WHEN is_wanted AND (was_on OR was_left)                       THEN ['add',       'MEM-2',   NULL]
            WHEN is_wanted AND is_taken_over AND NOT has_base             THEN ['nothing',   'RUN-8',   'not in the state that was taken over']
            WHEN is_wanted                                                THEN ['add',       'MEM-1',   NULL]
            WHEN is_partial AND NOT is_no_news                            THEN ['unproven',  'RUN-3',   NULL]
            WHEN is_frozen                                                THEN ['nothing',   'MEM-8',   NULL]
            WHEN was_wanted AND gone IS NOT NULL                          THEN ['nothing',   'MEM-8',   gone]
            WHEN is_on AND may_remove AND first_run                       THEN ['bystander', 'RUN-1',   'due after the first run']
            WHEN is_on AND may_remove AND (was_wanted OR was_on OR is_ours) THEN ['remove',  left_rule, NULL]
            WHEN is_on AND may_remove                                     THEN ['remove',    'MEM-7',   NULL]
            WHEN is_on AND is_newcomer                                    THEN ['newcomer',  'NEW-1',   NULL]
            WHEN is_on AND was_wanted                                     THEN ['bystander', 'MEM-4',   NULL]
            WHEN is_on AND was_on                                         THEN ['bystander', 'MEM-6',   NULL]
            WHEN is_on                                                    THEN ['bystander', 'MEM-7',   NULL]
            WHEN was_left                                                 THEN ['left',      'MEM-2',   NULL]
            WHEN was_wanted                                               THEN ['forget',    'MEM-5',   NULL]
            WHEN was_on                                                   THEN ['bystander', 'MEM-5',   NULL]
            ELSE                                                               ['nothing',   NULL,      NULL]
        END AS line
    FROM proven
),

-- A membership that was only predicted when the person left is known by its id from now on.
members_of AS (
    SELECT account, address_book, contact_id, unnest(string_split(was_member, ';')) AS id, TRUE AS is_old
    FROM ruled
    WHERE is_wanted AND was_left AND NOT was_on AND contains(';' || was_member || ';', ';;')
    UNION ALL
    SELECT account, address_book, contact_id, unnest(string_split(members, ';')) AS id, FALSE AS is_old
    FROM ruled
    WHERE is_wanted AND was_left AND NOT was_on AND contains(';' || coalesce(was_member, '') || ';', ';;')
),

all_members AS (
    SELECT account, address_book, contact_id, string_agg(DISTINCT id, ';' ORDER BY id) AS members
    FROM members_of
    WHERE NOT (is_old AND id = '')
    GROUP BY account, address_book, contact_id
),

based AS (
    SELECT
        r.*,
        r.line[1] AS decision,
        r.line[2] AS rule,
        r.line[3] AS held,
        CASE
            WHEN r.line[1] IN ('left', 'optout') THEN r.line[1]
            WHEN r.line[1] = 'forget'            THEN NULL
            ELSE concat_ws(',', CASE WHEN r.is_on THEN 'on' END, CASE WHEN r.is_on AND r.is_ours THEN 'ours' END)
        END AS flags_next,
        CASE
            WHEN r.line[1] <> 'left'   THEN NULL
            WHEN NOT r.is_wanted       THEN r.was_member
            WHEN r.was_on              THEN r.members
            WHEN a.members IS NOT NULL THEN a.members
            ELSE r.was_member
        END AS member_next,
        concat_ws(
            ',', CASE WHEN r.was_on THEN 'on' END, CASE WHEN r.was_ours THEN 'ours' END,
            CASE WHEN r.was_unsubscribed THEN 'optout' END, CASE WHEN r.was_left THEN 'left' END
        ) AS flags_before
    FROM ruled AS r
    LEFT JOIN all_members AS a
        ON r.account = a.account AND r.address_book = a.address_book AND r.contact_id = a.contact_id
)

SELECT
    account, address_book, contact_id, sf_id, record_type, link, campaign, member_id, rests_on, removed,
    is_wanted, is_on, was_wanted, decision, rule, held, flags_next, member_next,
    -- whether the base differs from what it is to become, without a write
    decision IN ('on', 'bystander', 'left', 'optout', 'forget')
    AND NOT (
        has_base AND was_wanted = is_wanted AND coalesce(flags_before = flags_next, FALSE)
        AND (decision <> 'left' OR coalesce(member_next, '') = coalesce(was_member, ''))
    )
    -- whoever is only about to leave the campaigns has left them when that is done, and the next run sees it
    AND NOT (NOT is_wanted AND removed IS NOT NULL) AS moves
FROM based;
