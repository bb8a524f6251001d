-- One row per book and contact with all that decides. in: places and barred_places.
-- `gone` says why the record of a person who left cannot be trusted to be gone; `is_released` that a campaign member
-- wants them who did not when they left.

INSERT INTO facts BY NAME
WITH paired AS (
    SELECT p.account, p.contact_id, min(d.gone) AS gone
    FROM pairs AS p
    LEFT JOIN departed AS d ON p.account = d.account AND p.sf_id = d.sf_id
    GROUP BY p.account, p.contact_id
),

wanted AS (
    SELECT w.account, w.address_book, p.contact_id, w.link, w.campaign, w.member_id, w.members, w.rests_on
    FROM first_wants AS w
    INNER JOIN people AS p ON w.account = p.account AND w.person = p.person
    WHERE w.skip IS NULL AND p.has_contact
),

leaving_there AS (
    SELECT w.account, w.address_book, p.contact_id, w.removed
    FROM leaving_wants AS w
    INNER JOIN people AS p ON w.account = p.account AND w.person = p.person
),

-- Who opted out of a book that this one took the place of.
past AS (
    SELECT DISTINCT m.account, b.address_book, m.contact_id
    FROM read_memberships AS m
    INNER JOIN predecessors AS b ON m.address_book = b.predecessor
    WHERE m.list_optout
),

-- An interrupted run may have put them there.
intended AS (
    SELECT h.account, h.address_book, h.contact_id
    FROM (
        SELECT
            k.account, k.address_book, k.contact_id,
            left(sha256(s.prefix || coalesce(c.email_key, '')), 16) AS email_hash
        FROM places AS k
        LEFT JOIN contacts AS c ON k.account = c.account AND k.contact_id = c.contact_id
        CROSS JOIN settings AS s
        WHERE EXISTS (SELECT 1 FROM read_intents AS i WHERE i.account = k.account)
    ) AS h
    INNER JOIN (SELECT DISTINCT account, address_book, email_hash FROM read_intents) AS i
        ON h.account = i.account AND h.address_book = i.address_book AND h.email_hash = i.email_hash
),

joined AS (
    SELECT
        k.account, k.address_book, k.contact_id,
        b.removals, b.restore_left, b.first_run, b.is_complete, b.is_partial, b.is_taken_over, b.takes_newcomers,
        n.sf_id, n.record_type,
        w.link, w.campaign, w.member_id, w.members, o.removed,
        w.link IS NOT NULL AS is_wanted,
        coalesce(l.is_on, FALSE) AS is_listed,
        coalesce(l.is_back, FALSE) AS is_back,
        coalesce(l.is_unsubscribed, FALSE) OR t.contact_id IS NOT NULL OR r.email_key IS NOT NULL
        OR y.contact_id IS NOT NULL AS is_unsubscribed,
        m.contact_id IS NOT NULL AS has_base,
        coalesce(m.wanted, FALSE) AS was_wanted,
        coalesce(m.on_book, FALSE) AS was_on,
        coalesce(m.added_by_us, FALSE) AS was_ours,
        coalesce(m.list_optout, FALSE) AS was_unsubscribed,
        coalesce(m.has_left, FALSE) AS was_left,
        m.member AS was_member,
        coalesce(c.channel NOT IN ('subscribed', 'softbounced', 'nosubscription'), TRUE) AS is_hidden,
        coalesce(c.looked_up, FALSE) AS looked_up,
        coalesce(p.is_frozen, FALSE) AS is_frozen,
        coalesce(p.s_out OR p.d_out, FALSE) AS is_out,
        coalesce(p.is_refused, FALSE) AS is_refused,
        g.contact_id IS NOT NULL AS has_pair,
        CASE WHEN g.contact_id IS NULL THEN 'not visible any more' ELSE g.gone END AS gone,
        i.contact_id IS NOT NULL AS has_intent,
        x.contact_id IS NOT NULL AS is_released,
        CASE WHEN x.contact_id IS NOT NULL THEN x.rests_on ELSE w.rests_on END AS rests_on,
        f.contact_id IS NOT NULL AS fails_filter,
        j.contact_id IS NOT NULL AS is_member
    FROM places AS k
    INNER JOIN books_asked AS b ON k.account = b.account AND k.address_book = b.address_book
    LEFT JOIN wanted AS w
        ON k.account = w.account AND k.address_book = w.address_book AND k.contact_id = w.contact_id
    LEFT JOIN listed AS l
        ON k.account = l.account AND k.address_book = l.address_book AND k.contact_id = l.contact_id
    LEFT JOIN leaving_there AS o
        ON k.account = o.account AND k.address_book = o.address_book AND k.contact_id = o.contact_id
    LEFT JOIN told AS t
        ON k.account = t.account AND k.address_book = t.address_book AND k.contact_id = t.contact_id
    LEFT JOIN read_memberships AS m
        ON k.account = m.account AND k.address_book = m.address_book AND k.contact_id = m.contact_id
    LEFT JOIN contacts AS c ON k.account = c.account AND k.contact_id = c.contact_id
    LEFT JOIN people AS p ON k.account = p.account AND k.contact_id = p.contact_id
    LEFT JOIN names AS n ON k.account = n.account AND k.contact_id = n.contact_id
    LEFT JOIN paired AS g ON k.account = g.account AND k.contact_id = g.contact_id
    LEFT JOIN barred_places AS r
        ON c.account = r.account AND k.address_book = r.address_book AND c.email_key = r.email_key
    LEFT JOIN past AS y
        ON k.account = y.account AND k.address_book = y.address_book AND k.contact_id = y.contact_id
    LEFT JOIN intended AS i
        ON k.account = i.account AND k.address_book = i.address_book AND k.contact_id = i.contact_id
    LEFT JOIN released AS x
        ON k.account = x.account AND k.address_book = x.address_book AND k.contact_id = x.contact_id
    LEFT JOIN turned_down AS f
        ON k.account = f.account AND k.address_book = f.address_book AND k.contact_id = f.contact_id
    LEFT JOIN members_there AS j
        ON k.account = j.account AND k.address_book = j.address_book AND k.contact_id = j.contact_id
)

SELECT
    *,
    CASE
        WHEN was_unsubscribed THEN is_back
        -- a look-up by id does not show lists: in a delta such a contact is where it was
        ELSE is_listed OR (is_partial AND looked_up AND was_on)
    END AS is_on
FROM joined;
