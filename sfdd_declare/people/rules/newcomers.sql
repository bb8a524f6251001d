-- People who joined a book in Dotdigital and are nobody we know (NEW): adopted, created, pending, or skipped. Who is a
-- newcomer is decided with the other memberships; here it is decided what becomes of them.

INSERT INTO newcomers BY NAME
-- NEW-8: per book the link whose campaign newcomers join.
WITH numbered AS (
    SELECT
        l.*,
        row_number() OVER (PARTITION BY l.address_book ORDER BY l.is_primary DESC, l.link ASC) AS nth
    FROM links AS l
    WHERE l.has_new_leads
),

leaders AS (
    SELECT n.account, n.address_book, n.campaign, coalesce(n.member_status, c.default_status, '') AS status
    FROM numbered AS n
    LEFT JOIN campaigns AS c ON n.campaign = c.campaign
    WHERE n.nth = 1 AND n.in_focus
),

-- ID-3: the record of an address that is adopted; a converted lead stands for its contact (ID-5), which may be gone,
-- merged into another one, or out of sight.
fate_of AS (
    SELECT
        sf_id, fate, survivor, row_number() OVER (PARTITION BY sf_id ORDER BY fate, survivor) AS nth
    FROM fates
),

heirs_found AS (
    SELECT
        f.email_key, f.modified,
        CASE WHEN f.converted THEN 'contact' ELSE f.record_type END AS record_type,
        CASE
            WHEN NOT f.converted                      THEN f.sf_id
            WHEN t.fate = 'merged'                    THEN t.survivor
            WHEN t.fate IN ('deleted', 'invisible')   THEN NULL
            ELSE                                           f.converted_to
        END AS sf_id
    FROM found AS f
    LEFT JOIN fate_of AS t ON f.converted_to = t.sf_id AND t.nth = 1
),

ranked AS (
    SELECT
        h.*,
        row_number() OVER (
            PARTITION BY h.email_key
            ORDER BY h.sf_id IS NULL, coalesce(p.rank, 9), coalesce(h.modified, -1) DESC, h.sf_id
        ) AS nth
    FROM heirs_found AS h
    LEFT JOIN precedence AS p ON h.record_type = p.record_type
),

joined AS (
    SELECT
        m.account, m.address_book, l.campaign, l.status, m.contact_id, c.email, c.email_key,
        f.sf_id AS found_id,
        f.record_type AS found_type,
        s.email_key IS NOT NULL OR d.email_key IS NOT NULL
        OR coalesce(c.channel NOT IN ('subscribed', 'softbounced', 'nosubscription'), TRUE) AS is_out
    FROM memberships AS m
    INNER JOIN leaders AS l ON m.account = l.account AND m.address_book = l.address_book
    LEFT JOIN contacts AS c ON m.account = c.account AND m.contact_id = c.contact_id
    LEFT JOIN out_emails AS s ON c.email_key = s.email_key
    LEFT JOIN out_addresses AS d ON c.account = d.account AND c.email_key = d.email_key
    LEFT JOIN ranked AS f ON c.email_key = f.email_key AND f.nth = 1
    WHERE m.decision = 'newcomer'
)

SELECT
    account, address_book, campaign, status, contact_id, email, email_key, found_id, found_type,
    CASE
        WHEN email_key IS NULL                             THEN 'newcomer without an address'     -- NEW-5
        WHEN is_out                                        THEN 'newcomer who cannot be mailed'   -- NEW-5
        WHEN found_type IS NOT NULL AND found_id IS NULL   THEN 'converted lead'                  -- ID-5
    END AS skip
FROM joined;
