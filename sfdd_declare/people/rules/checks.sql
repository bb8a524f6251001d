-- VAL-23: values that their target cannot hold, found when a write is decided. in: judged. A code names the problem.

INSERT INTO valued BY NAME
WITH spelled AS (
    SELECT
        j.*, f.salesforce_field, f.data_field, f.form, f.d_type, f.s_type, f.s_length, f.s_digits, f.is_restricted,
        CASE j.aim WHEN 'd' THEN j.c_s WHEN 's' THEN j.c_d END AS said,
        f.form IN ('date', 'datetime') AS is_moment,
        -- the digits before the point
        length(regexp_replace(j.c_d, '^-|\..*$', '', 'g')) AS whole_digits,
        h.choice IS NOT NULL OR coalesce(regexp_matches(j.c_d, f.choice_pattern), FALSE) AS is_chosen
    FROM judged AS j
    INNER JOIN fields AS f ON j.account = f.account AND j.record_type = f.record_type AND j.field = f.field
    LEFT JOIN choices AS h
        ON j.account = h.account AND j.record_type = h.record_type AND j.field = h.field AND j.c_d = h.choice
),

read_as AS (
    SELECT
        *,
        regexp_matches(said, '^-?[0-9]+(\.[0-9]+)?$') AS is_number,
        regexp_matches(said, '^[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)?$')
        AND TRY_CAST(left(said, 10) AS DATE) IS NOT NULL AS is_date,
        said IN ('true', 'false') AS is_boolean,
        abs(TRY_CAST(CASE WHEN regexp_matches(said, '^-?[0-9]{1,10}$') THEN said END AS BIGINT)) AS whole
    FROM spelled
)

SELECT
    kind, account, sf_id, record_type, contact_id, field, salesforce_field, data_field,
    c_d, r_s, r_d, v_s, v_d, s_blank, d_blank, rule, aim, echo, next_s, next_d, waits, moves, is_barred,
    CASE
        WHEN said IS NULL                                                          THEN NULL
        WHEN aim = 'd' AND d_type = 'Numeric' AND NOT is_number                    THEN 'not_a_number'
        -- Dotdigital's Numeric: 18 digits before the point, 9 after it
        WHEN
            aim = 'd' AND d_type = 'Numeric'
            AND NOT regexp_matches(said, '^-?[0-9]{1,18}(\.[0-9]{1,9})?$')         THEN 'too_many_digits'
        WHEN aim = 'd' AND d_type = 'Date' AND NOT is_date                         THEN 'not_a_date'
        WHEN aim = 'd' AND d_type = 'Boolean' AND NOT is_boolean                   THEN 'not_a_boolean'
        WHEN aim = 'd' AND d_type = 'String' AND length(v_d) > 1000                THEN 'text_too_long'
        WHEN aim = 'd'                                                             THEN NULL
        WHEN form = 'decimal' AND NOT is_number                                    THEN 'not_a_number'
        WHEN form = 'decimal' AND s_digits > 0 AND whole_digits > s_digits         THEN 'too_many_digits'
        WHEN form = 'decimal' AND s_type = 'int' AND coalesce(whole > 2147483647, TRUE) THEN 'too_many_digits'
        WHEN is_moment AND NOT is_date                                             THEN 'not_a_date'
        WHEN is_moment AND NOT left(said, 4) BETWEEN '1700' AND '4000'             THEN 'date_out_of_range'
        WHEN form = 'bool' AND NOT is_boolean                                      THEN 'not_a_boolean'
        WHEN form IN ('text', 'set') AND s_length > 0 AND length(v_s) > s_length   THEN 'text_too_long'
        WHEN is_restricted AND NOT is_chosen                                       THEN 'not_in_picklist'
        WHEN
            s_type = 'email'
            AND NOT regexp_matches(said, '^[^@\s,;<>()"\\]+@[^@\s,;<>()"\\.]+(\.[^@\s,;<>()"\\.]+)+$')
            THEN 'invalid_email'
    END AS problem
FROM read_as;
