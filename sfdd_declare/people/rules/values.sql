-- The VAL table: what to do about one field of one person, from what is present and what the base says, and what the
-- target cannot hold. in: cells, renewed.

INSERT INTO judged BY NAME
-- The base to decide with: its own, else the one inherited from another writer (BASE-1), none where it was only held
-- (RUN-1), the data field is a new one, or a new writer brings what differs from a filled value (ID-3).
WITH known AS (
    SELECT
        c.kind, c.account, c.sf_id, c.record_type, c.contact_id, c.field, c.c_s, c.c_d, c.mark,
        c.direction, c.is_cut, c.by_us, c.fresh_s, c.fresh_d,
        f.form, f.conflict, f.on_blank, f.d_nullable, f.s_nullable, f.first_run AS is_first_run,
        f.old_direction, f.old_conflict, f.old_on_blank,
        f.renewed OR f.retyped <> '' AS is_made_anew,
        f.retyped <> '' AS is_retyped,
        c.b_s AS stored_s,
        c.b_d AS stored_d,
        CASE WHEN c.b_s IS NULL THEN c.i_s END AS inherited_s,
        CASE WHEN c.b_d IS NULL THEN c.i_d END AS inherited_d,
        coalesce(c.b_s, c.i_s) AS base_s,
        coalesce(c.b_d, c.i_d) AS base_d,
        c.is_new_writer AND c.direction = 'two_way' AND c.c_d IS NOT NULL AND coalesce(c.c_s <> c.c_d, TRUE)
            AS is_strange,
        left(sha256(s.prefix || coalesce(c.c_s, '')), 16) AS h_s,
        left(sha256(s.prefix || coalesce(c.c_d, '')), 16) AS h_d,
        s.blank_hash, s.accepts_first_sync
    FROM cells AS c
    INNER JOIN fields AS f ON c.account = f.account AND c.record_type = f.record_type AND c.field = f.field
    CROSS JOIN settings AS s
    WHERE c.kind = 'pair'
),

held AS (
    SELECT *, coalesce(base_s = 'ffffffffffffffff' OR base_d = 'ffffffffffffffff', FALSE) AS was_held FROM known
),

based AS (
    SELECT
        *,
        CASE WHEN NOT (was_held OR is_made_anew OR is_strange) THEN base_s END AS b_s,
        CASE WHEN NOT (was_held OR is_made_anew OR is_strange) THEN base_d END AS b_d,
        (is_first_run OR was_held OR is_retyped OR is_strange) AND NOT accepts_first_sync AS first_run
    FROM held
),

-- BASE-7: where the direction changed, what the old rule still owed goes first.
passes AS (
    SELECT *, FALSE AS is_old, direction AS flow, conflict AS conflict_rule, on_blank AS blank_rule FROM based
    UNION ALL
    SELECT
        *, TRUE AS is_old, CASE WHEN is_cut THEN direction ELSE old_direction END AS flow,
        old_conflict AS conflict_rule, old_on_blank AS blank_rule
    FROM based
    WHERE old_direction IS NOT NULL
),

seen AS (
    SELECT
        *,
        h_s = h_d AS equal,
        CASE WHEN b_s IS NULL THEN c_s IS NOT NULL ELSE h_s <> b_s END AS s_moved,
        CASE WHEN b_d IS NULL THEN c_d IS NOT NULL ELSE h_d <> b_d END AS d_moved,
        c_s IS NULL AS s_blank,
        c_d IS NULL AS d_blank,
        b_s IS NOT NULL AND b_d IS NOT NULL AS has_base,
        flow <> 'two_way' AS one_way,
        CASE flow WHEN 'salesforce_to_dotdigital' THEN 'd' ELSE 's' END AS target,
        CASE conflict_rule WHEN 'salesforce' THEN 'd' WHEN 'dotdigital' THEN 's' END AS loser,
        blank_rule = 'propagate' AS propagate
    FROM passes
),

facts AS (
    SELECT
        *,
        s_moved AND d_moved AS both_moved,
        s_moved <> d_moved AS one_moved,
        CASE WHEN s_moved THEN 'd' ELSE 's' END AS other,  -- than the side that moved
        CASE WHEN s_moved THEN s_blank ELSE d_blank END AS moved_blank,
        CASE WHEN target = 'd' THEN s_blank ELSE d_blank END AS src_blank,
        coalesce(CASE WHEN target = 'd' THEN b_s ELSE b_d END <> blank_hash, FALSE) AS src_was_filled,
        -- VAL-21: a target that cannot be blank is never blanked
        CASE
            WHEN (one_way AND target = 'd') OR (NOT one_way AND s_moved) THEN d_nullable
            ELSE s_nullable
        END AS may_blank,
        -- BASE-5: our last word on the field was a write, and only one side has moved since
        has_base AND b_s = b_d AND s_moved <> d_moved AS is_echo_due
    FROM seen
),

ruled AS (
    SELECT
        *,
        CASE
            WHEN equal                                                  THEN 'VAL-1'
            WHEN one_way AND NOT s_moved AND NOT d_moved                THEN 'VAL-2'
            WHEN one_way AND NOT src_blank                              THEN 'VAL-3'
            WHEN one_way AND src_was_filled AND propagate AND may_blank THEN 'VAL-4'
            WHEN one_way                                                THEN 'VAL-5'
            WHEN has_base AND one_moved AND NOT moved_blank             THEN 'VAL-6'
            WHEN has_base AND one_moved                                 THEN 'VAL-7'
            WHEN has_base AND both_moved AND (s_blank OR d_blank)       THEN 'VAL-8'
            WHEN has_base AND both_moved                                THEN 'VAL-9'
            WHEN has_base                                               THEN 'VAL-10'
            WHEN s_blank OR d_blank                                     THEN 'VAL-11'
            ELSE                                                             'VAL-12'
        END AS val_rule,
        -- The bits of `mark`: 1, 2: our last write to Salesforce, to Dotdigital covered the field; 4, 8: it came back
        -- altered, or the one before it did.
        is_echo_due AND s_moved AND (coalesce(mark, 0) & 1) <> 0 AS echoes_s,
        is_echo_due AND d_moved AND (coalesce(mark, 0) & 2) <> 0 AS echoes_d,
        (coalesce(mark, 0) & 12) <> 0 AS was_altered
    FROM facts
),

-- Whether Dotdigital's value is ours after a named alteration: re-cased, cut, rounded; trimming changes no form.
measured AS (
    SELECT
        *,
        CASE WHEN echoes_d AND form = 'decimal' THEN abs(
            TRY_CAST(c_s AS DECIMAL(38, 10)) - TRY_CAST(c_d AS DECIMAL(38, 10))
        ) END AS distance,
        CASE WHEN strpos(c_s, '.') = 0 THEN 0 ELSE length(c_s) - strpos(c_s, '.') END AS places_s,
        CASE WHEN strpos(c_d, '.') = 0 THEN 0 ELSE length(c_d) - strpos(c_d, '.') END AS places_d
    FROM ruled
),

altered AS (
    SELECT
        *,
        coalesce(
            (form IN ('text', 'set') AND (
                lower(c_s) = lower(c_d)
                -- systems cut at a limit, people shorten a title
                OR (starts_with(lower(c_s), lower(c_d)) AND length(c_d) >= 100)
            ))
            OR (form = 'datetime' AND c_d IN (left(c_s, 16) || ':00Z', left(c_s, 10) || 'T00:00:00Z'))
            -- no further away than half a unit of the last place that is left
            OR (form = 'decimal' AND places_d < places_s AND distance <= CASE places_d
                WHEN 0 THEN 0.5 WHEN 1 THEN 0.05 WHEN 2 THEN 0.005 WHEN 3 THEN 0.0005 WHEN 4 THEN 0.00005
                WHEN 5 THEN 0.000005 WHEN 6 THEN 0.0000005 WHEN 7 THEN 0.00000005 WHEN 8 THEN 0.000000005
            END),
            FALSE
        ) AS is_altered
    FROM measured
),

-- BASE-5: what a side itself made of a value that we wrote to it becomes the base, at the first sight since the write;
-- after a second alteration in a row the field is held.
echoed AS (
    SELECT
        *,
        CASE
            WHEN echoes_s AND (mark & 4) <> 0             THEN 'held'
            WHEN echoes_d AND (mark & 8) <> 0             THEN 'held'
            WHEN echoes_s AND fresh_s AND by_us           THEN 's'
            WHEN echoes_d AND fresh_d AND is_altered      THEN 'd'
        END AS echo
    FROM altered
),

aimed AS (
    SELECT
        *,
        CASE WHEN echo IS NOT NULL THEN 'BASE-5' ELSE val_rule END AS rule,
        CASE
            WHEN echo IS NOT NULL                               THEN NULL
            WHEN val_rule IN ('VAL-3', 'VAL-4')                 THEN target
            WHEN val_rule = 'VAL-6'                             THEN other
            WHEN val_rule = 'VAL-7' AND propagate AND may_blank THEN other
            WHEN val_rule IN ('VAL-8', 'VAL-11')                THEN CASE WHEN s_blank THEN 's' ELSE 'd' END
            WHEN val_rule = 'VAL-9'                             THEN loser
            WHEN val_rule = 'VAL-12' AND NOT first_run          THEN loser
        END AS aim
    FROM echoed
),

ended AS (
    SELECT
        *,
        CASE  -- what becomes of the base: both sides alike, held (RUN-1), or only the side whose blank is kept
            WHEN aim IS NOT NULL OR rule = 'VAL-1' THEN 'alike'
            WHEN rule = 'VAL-5'                    THEN CASE target WHEN 'd' THEN 'keep s' ELSE 'keep d' END
            WHEN rule = 'VAL-7'                    THEN CASE WHEN s_moved THEN 'keep s' ELSE 'keep d' END
            WHEN rule = 'VAL-12' AND first_run     THEN 'held'
            WHEN rule = 'BASE-5' AND NOT is_old    THEN 'echo ' || echo
        END AS ending,
        CASE aim WHEN 's' THEN h_d ELSE h_s END AS written
    FROM aimed
),

recorded AS (
    SELECT
        *,
        CASE
            WHEN ending = 'alike'               THEN written
            WHEN ending IN ('keep s', 'echo s') THEN h_s
            WHEN ending = 'held'                THEN 'ffffffffffffffff'
        END AS new_s,
        CASE
            WHEN ending = 'alike'               THEN written
            WHEN ending IN ('keep d', 'echo d') THEN h_d
            WHEN ending = 'held'                THEN 'ffffffffffffffff'
        END AS new_d,
        is_old AND has_base
        AND ((coalesce(aim, '') = 'd' AND s_moved) OR (coalesce(aim, '') = 's' AND d_moved)) AS is_owed
    FROM ended
),

owed AS (
    SELECT account, sf_id, field FROM recorded WHERE is_owed
),

counted AS (
    SELECT r.*, CASE WHEN r.is_owed THEN 'BASE-7' ELSE r.rule END AS counted_rule
    FROM recorded AS r
    LEFT JOIN owed AS o ON r.account = o.account AND r.sf_id = o.sf_id AND r.field = o.field
    WHERE r.is_owed OR (NOT r.is_old AND o.field IS NULL)
),

-- VAL-26: nothing flows out of a renewed side, and nothing of it is recorded.
flowing AS (
    SELECT
        c.*,
        coalesce(c.aim = 'd' OR (c.aim IS NULL AND c.new_s IS NOT NULL AND c.new_d IS NULL AND c.s_blank), FALSE)
        AND n.side IS NOT NULL AS out_of_s,
        coalesce(c.aim = 's' OR (c.aim IS NULL AND c.new_d IS NOT NULL AND c.new_s IS NULL AND c.d_blank), FALSE)
        AND m.side IS NOT NULL AS out_of_d
    FROM counted AS c
    LEFT JOIN renewed AS n
        ON c.account = n.account AND c.record_type = n.record_type AND c.field = n.field AND n.side = 's'
    LEFT JOIN renewed AS m
        ON c.account = m.account AND c.record_type = m.record_type AND c.field = m.field AND m.side = 'd'
),

settled AS (
    SELECT
        account, sf_id, record_type, contact_id, field, s_blank, d_blank, echo, is_cut, first_run,
        stored_s, stored_d, was_altered,
        out_of_s OR out_of_d AS is_renewed,
        CASE WHEN out_of_s OR out_of_d THEN 'VAL-26' ELSE counted_rule END AS rule,
        CASE WHEN NOT (out_of_s OR out_of_d) THEN aim END AS aim,
        coalesce(CASE WHEN NOT (out_of_s OR out_of_d) THEN new_s END, inherited_s) AS next_s,
        CASE WHEN NOT (out_of_s OR out_of_d) THEN new_d END AS own_next_d,
        inherited_d
    FROM flowing
),

sent AS (
    SELECT
        p.*, c.r_s, c.r_d, c.v_s, c.v_d, c.c_s, c.c_d, c.is_refused,
        -- a text that is cut on its way is remembered as it was sent, so that it is no edit when it is read
        coalesce(
            CASE
                WHEN coalesce(p.aim = 'd', FALSE) AND p.is_cut THEN left(sha256(s.prefix || coalesce(c.v_d, '')), 16)
                ELSE p.own_next_d
            END,
            p.inherited_d
        ) AS next_d,
        CASE
            WHEN p.is_renewed                         THEN 'renewed'
            WHEN p.aim IS NOT NULL                    THEN NULL
            WHEN p.rule = 'VAL-12' AND p.first_run    THEN 'first-sync held'
            WHEN p.rule IN ('VAL-9', 'VAL-12')        THEN 'conflict'
        END AS waits
    FROM settled AS p
    INNER JOIN cells AS c ON p.account = c.account AND p.sf_id = c.sf_id AND p.field = c.field AND c.kind = 'pair'
    CROSS JOIN settings AS s
),

moved AS (
    SELECT
        *,
        (next_s IS NOT NULL AND coalesce(next_s <> stored_s, TRUE))
        OR (next_d IS NOT NULL AND coalesce(next_d <> stored_d, TRUE))
        OR (rule = 'VAL-1' AND was_altered) AS has_moved
    FROM sent
)

SELECT
    'pair' AS kind, account, sf_id, record_type, contact_id, field, c_s, c_d, r_s, r_d, v_s, v_d, s_blank, d_blank,
    rule, aim, echo, next_s, next_d, waits,
    has_moved AND aim IS NULL AS moves,
    is_refused AND coalesce(aim = 'd', FALSE) AS is_barred  -- WIRE-1
FROM moved
WHERE aim IS NOT NULL OR has_moved OR rule IN ('VAL-5', 'VAL-7', 'VAL-26') OR waits IS NOT NULL OR echo IS NOT NULL;

INSERT INTO judged BY NAME
SELECT
    c.kind, c.account, c.sf_id, c.record_type, c.field, c.c_s, c.r_s, c.v_d, 'VAL-20' AS rule, 'd' AS aim,
    FALSE AS moves, FALSE AS is_barred, FALSE AS s_blank, TRUE AS d_blank,
    left(sha256(s.prefix || c.c_s), 16) AS next_s,
    left(sha256(s.prefix || CASE WHEN c.is_cut THEN coalesce(c.v_d, '') ELSE c.c_s END), 16) AS next_d
FROM cells AS c
CROSS JOIN settings AS s
WHERE c.kind = 'created' AND c.direction <> 'dotdigital_to_salesforce';

INSERT INTO judged BY NAME
SELECT
    c.kind, c.account, c.record_type, c.contact_id, c.field, c.c_d, c.r_d, c.v_s, 'NEW-3' AS rule, 's' AS aim,
    FALSE AS moves, FALSE AS is_barred, TRUE AS s_blank, c.c_d IS NULL AS d_blank,
    left(sha256(s.prefix || coalesce(c.c_d, '')), 16) AS next_d
FROM cells AS c
CROSS JOIN settings AS s
WHERE c.kind = 'lead';
