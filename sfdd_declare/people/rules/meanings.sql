-- What each row of changes means, as one keyed hash: what an approval is made of. No id of a campaign member or of an
-- operation is in it, and of lists, members and creations not what was there before: they may differ when the same
-- thing is planned again. Also of people who become pairs, which is remembered without a write.
INSERT INTO meanings BY NAME
WITH every AS (
    SELECT c.*, FALSE AS is_move FROM changes AS c WHERE c.aspect <> 'problem'
    UNION ALL
    SELECT m.*, TRUE AS is_move FROM moves AS m WHERE m.aspect = 'identity' AND m.decision = 'pair'
),

-- Creations travel in the same operations as other values where nobody has to be asked about them (CON-15).
creations AS (
    SELECT DISTINCT operation, person FROM every WHERE decision IN ('create', 'create_lead')
),

said AS (
    SELECT
        e.*,
        starts_with(e.operation, 'suppress:') OR starts_with(e.operation, 'opt_out_records:') AS is_opt_out,
        c.person IS NOT NULL AS is_creation,
        CASE
            WHEN starts_with(e.operation, 'update_records:') THEN 's'
            WHEN starts_with(e.operation, 'create_leads:')   THEN 's'
            ELSE                                                  'd'
        END AS side,
        CASE e.aspect WHEN 'list' THEN e.address_book WHEN 'member' THEN e.campaign END AS place,
        CASE WHEN e.aspect NOT IN ('list', 'member') THEN e.field END AS target
    FROM every AS e
    LEFT JOIN creations AS c ON e.operation = c.operation AND e.person = c.person
)

SELECT
    d.operation, d.account, d.person, d.record_type, d.sf_id, d.contact_id, d.email, d.address_book, d.campaign,
    d.aspect, d.field, d."old", d."new", d.decision, d.reason, d.expect_s, d.expect_d, d.is_opt_out, d.is_creation,
    d.is_move, length(d.account) = 0 AS is_everywhere,
    left(
        sha256(
            s.prefix || chr(31) || d.side || chr(31) || d.account || chr(31) || d.aspect || chr(31) || d.decision
            || chr(31) || d.person || chr(31) || coalesce(d.place, '') || chr(31) || coalesce(d.target, '') || chr(31)
            || coalesce(
                CASE WHEN d.aspect NOT IN ('list', 'member') AND NOT d.is_creation THEN sha256(d."old") END, ''
            )
            || chr(31) || coalesce(sha256(d."new"), '')
        ),
        32
    ) AS meaning
FROM said AS d
CROSS JOIN settings AS s;
