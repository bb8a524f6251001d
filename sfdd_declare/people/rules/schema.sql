-- Every table that the rules fill, in the order of the walk. Closed sets are types made of the Python enums. Whatever is
-- known of an account is a row with its key: no table, and no column, depends on the configuration.

-- --- what is asked: loaded from `people.question` -----------------------------------------------------------------

CREATE TEMP TABLE settings (
    prefix VARCHAR,  -- of every keyed hash: the key and a separator
    blank_hash VARCHAR,  -- of a blank value
    allows_blanked BOOLEAN,
    accepts_first_sync BOOLEAN,
    asks_all BOOLEAN  -- every link that is not synchronised by hand
);
CREATE TEMP TABLE accounts (
    account VARCHAR, opt_out_to_dotdigital BOOLEAN, on_delete on_delete, hold_creations BOOLEAN,
    seen BIGINT  -- when the last apply that ended had read (BASE-5)
);
CREATE TEMP TABLE record_types (
    account VARCHAR, record_type record_type, section VARCHAR, opt_out_field VARCHAR,
    rank BIGINT,  -- place in `matching.precedence`
    is_mapped BOOLEAN, tells_salesforce BOOLEAN
);
CREATE TEMP TABLE precedence (record_type record_type, rank BIGINT);
CREATE TEMP TABLE opt_out_reasons (account VARCHAR, reason VARCHAR);
CREATE TEMP TABLE suppressible (channel VARCHAR);
CREATE TEMP TABLE books (
    account VARCHAR, address_book VARCHAR, is_there BOOLEAN, removals removals, restore_left BOOLEAN, first_run BOOLEAN,
    is_complete BOOLEAN, is_partial BOOLEAN, is_taken_over BOOLEAN, in_focus BOOLEAN
);
CREATE TEMP TABLE predecessors (address_book VARCHAR, predecessor VARCHAR);
CREATE TEMP TABLE links (
    link BIGINT, account VARCHAR, campaign VARCHAR, address_book VARCHAR, in_focus BOOLEAN,
    has_new_leads BOOLEAN, is_primary BOOLEAN, takes_existing BOOLEAN, member_status VARCHAR,
    is_stopped BOOLEAN
);
CREATE TEMP TABLE link_statuses (link BIGINT, status VARCHAR);  -- a status that passes; null: every one does
CREATE TEMP TABLE campaigns (
    campaign VARCHAR, default_status VARCHAR, is_exact BOOLEAN, is_there BOOLEAN, is_complete BOOLEAN, selects BOOLEAN,
    in_focus BOOLEAN
);
CREATE TEMP TABLE fields (
    account VARCHAR, record_type record_type, field BIGINT,
    slot BIGINT,  -- of the data field in its comparison form; several fields may share one
    salesforce_field VARCHAR, data_field VARCHAR, data_field_default VARCHAR,
    direction direction, conflict conflict_rule, on_blank on_blank, form form_kind, d_type data_field_type,
    d_nullable BOOLEAN, s_nullable BOOLEAN, s_type VARCHAR, s_length BIGINT, s_digits BIGINT,
    is_lossy BOOLEAN, is_restricted BOOLEAN,
    choice_pattern VARCHAR,  -- of a restricted picklist that takes several
    sends_form_s BOOLEAN, sends_form_d BOOLEAN,
    renewed BOOLEAN, retyped VARCHAR, first_run BOOLEAN,
    old_direction direction, old_conflict conflict_rule, old_on_blank on_blank  -- at the last apply, if others (BASE-7)
);
CREATE TEMP TABLE choices (account VARCHAR, record_type record_type, field BIGINT, choice VARCHAR);
CREATE TEMP TABLE filled_before (account VARCHAR, record_type record_type, field BIGINT, side side, filled BIGINT);
CREATE TEMP TABLE salesforce_users (user_id VARCHAR);
CREATE TEMP TABLE lead_required (name VARCHAR);
CREATE TEMP TABLE lead_defaults (name VARCHAR, value VARCHAR);

-- NEW-1: on the first run over a book nobody is new, unless a link says `existing: true`.
CREATE TEMP VIEW books_asked AS
SELECT
    b.*,
    EXISTS (
        SELECT 1 FROM links AS l
        WHERE l.address_book = b.address_book AND l.has_new_leads AND (NOT b.first_run OR l.takes_existing)
    ) AS takes_newcomers
FROM books AS b;

-- --- sides, succession ------------------------------------------------------------------------------------------------

CREATE TEMP TABLE contacts (
    account VARCHAR, contact_id BIGINT, email VARCHAR, email_key VARCHAR, channel VARCHAR, looked_up BOOLEAN,
    is_out BOOLEAN
);
CREATE TEMP TABLE records_read (
    account VARCHAR, sf_id VARCHAR, record_type record_type, rank BIGINT, email VARCHAR, email_key VARCHAR,
    email_hash VARCHAR, opted_out BOOLEAN, modified BIGINT, converted BOOLEAN, converted_to VARCHAR
);
CREATE TEMP TABLE pairs (
    account VARCHAR, sf_id VARCHAR, record_type record_type, rank BIGINT, contact_id BIGINT, email_s VARCHAR,
    email_d VARCHAR, out_s BOOLEAN, out_d BOOLEAN, wrote_d BIGINT
);
CREATE TEMP TABLE recall (has_refused BOOLEAN, has_lists BOOLEAN);
CREATE TEMP TABLE older (email_key VARCHAR, older VARCHAR);  -- as earlier versions folded it, where that was otherwise (ID-1)
CREATE TEMP TABLE steps (account VARCHAR, node VARCHAR, further VARCHAR, ending VARCHAR);
CREATE TEMP TABLE followed (account VARCHAR, node VARCHAR, further VARCHAR, ending VARCHAR, distance BIGINT);
CREATE TEMP TABLE followed_next (account VARCHAR, node VARCHAR, further VARCHAR, ending VARCHAR, distance BIGINT);
CREATE TEMP TABLE heirs (account VARCHAR, sf_id VARCHAR, heir VARCHAR, heir_type record_type);
CREATE TEMP TABLE taken (
    account VARCHAR, sf_id VARCHAR, record_type record_type, rank BIGINT, contact_id BIGINT, email_s VARCHAR,
    email_d VARCHAR, out_s BOOLEAN, out_d BOOLEAN, wrote_d BIGINT
);
CREATE TEMP TABLE left_contacts (account VARCHAR, sf_id VARCHAR, former BIGINT);
CREATE TEMP VIEW all_pairs AS
SELECT *, FALSE AS is_taken FROM pairs
UNION ALL
SELECT *, TRUE AS is_taken FROM taken;

-- --- consent ----------------------------------------------------------------------------------------------------------

CREATE TEMP TABLE ticked (record_type VARCHAR, sf_id VARCHAR, email_key VARCHAR);
CREATE TEMP TABLE org_addresses (record_type VARCHAR, email_key VARCHAR);
CREATE TEMP TABLE held_addresses (account VARCHAR, email_key VARCHAR);
CREATE TEMP TABLE out_addresses (account VARCHAR, email_key VARCHAR);
CREATE TEMP TABLE memories (account VARCHAR, email_hash VARCHAR, memory VARCHAR);
CREATE TEMP TABLE bonds (account VARCHAR, sf_id VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE out_people (
    account VARCHAR, contact_id BIGINT, email VARCHAR, email_key VARCHAR,
    s_out BOOLEAN, is_due BOOLEAN, is_reconsented BOOLEAN, is_settled BOOLEAN
);
CREATE TEMP TABLE ticks (
    account VARCHAR, sf_id VARCHAR, record_type VARCHAR, email_key VARCHAR, contact_id BIGINT, email VARCHAR,
    is_only BOOLEAN  -- no other record is due for the contact
);
CREATE TEMP TABLE out_records (sf_id VARCHAR);
CREATE TEMP TABLE out_emails (email_key VARCHAR);

-- --- open questions ---------------------------------------------------------------------------------------------------

CREATE TEMP TABLE unmatched (account VARCHAR, sf_id VARCHAR, email_key VARCHAR, email_hash VARCHAR);
CREATE TEMP TABLE asked_emails (account VARCHAR, email_key VARCHAR);
CREATE TEMP TABLE asked_fates (account VARCHAR, record_type record_type, sf_id VARCHAR);
CREATE TEMP TABLE said_out (account VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE asked_ids (account VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE asked_books (account VARCHAR, address_book VARCHAR);
CREATE TEMP TABLE asked_newcomers (email VARCHAR);
CREATE TEMP TABLE asked_heirs (sf_id VARCHAR);

-- --- campaign members -------------------------------------------------------------------------------------------------

CREATE TEMP TABLE memberships_read (
    campaign VARCHAR, member_id VARCHAR, status VARCHAR, converted_to VARCHAR, sf_id VARCHAR, record_type VARCHAR
);
CREATE TEMP TABLE members_removed (
    campaign VARCHAR, record_type VARCHAR, sf_id VARCHAR, status VARCHAR, member_id VARCHAR
);
CREATE TEMP TABLE members_staying (
    campaign VARCHAR, record_type VARCHAR, sf_id VARCHAR, status VARCHAR, member_id VARCHAR
);
CREATE TEMP TABLE members_added (
    campaign VARCHAR, record_type VARCHAR, sf_id VARCHAR, status VARCHAR, member_id VARCHAR
);
CREATE TEMP TABLE leaving (sf_id VARCHAR);

-- --- who is who -------------------------------------------------------------------------------------------------------

CREATE TEMP TABLE known (
    account VARCHAR, sf_id VARCHAR, record_type record_type, rank BIGINT, email VARCHAR, email_key VARCHAR,
    email_hash VARCHAR, modified BIGINT, email_s VARCHAR, email_d VARCHAR, out_s BOOLEAN, out_d BOOLEAN, wrote_d BIGINT,
    pair_contact BIGINT, is_taken BOOLEAN, is_gone BOOLEAN, own_hold VARCHAR, is_mover BOOLEAN
);
CREATE TEMP TABLE lost_addresses (account VARCHAR, email_hash VARCHAR);
CREATE TEMP TABLE wishes (
    account VARCHAR, contact_id BIGINT, sf_id VARCHAR, record_type record_type, email VARCHAR, email_key VARCHAR,
    email_hash VARCHAR
);
CREATE TEMP TABLE asked_places (account VARCHAR, address_book VARCHAR, email_key VARCHAR);
CREATE TEMP TABLE barred_places (account VARCHAR, address_book VARCHAR, email_key VARCHAR);
CREATE TEMP TABLE renames (
    account VARCHAR, contact_id BIGINT, sf_id VARCHAR, record_type record_type, email VARCHAR, email_key VARCHAR,
    wave BIGINT
);
CREATE TEMP TABLE stopped (account VARCHAR, contact_id BIGINT, email_key VARCHAR, hold VARCHAR);
-- Addresses of contacts after the renames of this run.
CREATE TEMP VIEW contacts_after AS
SELECT
    c.account, c.contact_id,
    CASE
        WHEN r.email_key IS NULL THEN c.email
        ELSE regexp_replace(r.email, '^[\x09-\x0d\x1c-\x1f\x{85}\pZ]+|[\x09-\x0d\x1c-\x1f\x{85}\pZ]+$', '', 'g')
    END AS email,
    coalesce(r.email_key, c.email_key) AS email_key
FROM contacts AS c
LEFT JOIN renames AS r ON c.account = r.account AND c.contact_id = r.contact_id;
CREATE TEMP TABLE identified (
    account VARCHAR, sf_id VARCHAR, record_type record_type, rank BIGINT, email VARCHAR, email_key VARCHAR,
    modified BIGINT, email_s VARCHAR, email_d VARCHAR, out_s BOOLEAN, out_d BOOLEAN, wrote_d BIGINT,
    pair_contact BIGINT,  -- the contact the record stays with
    former BIGINT,  -- the one it leaves
    contact_id BIGINT, person VARCHAR, is_pair BOOLEAN,
    hold VARCHAR,  -- why nothing may be written for it
    is_out BOOLEAN
);
CREATE TEMP TABLE out_contacts (account VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE carriers (
    account VARCHAR, sf_id VARCHAR, former BIGINT, contact_id BIGINT, stuck_hold VARCHAR, carries BOOLEAN, meets BOOLEAN
);
CREATE TEMP VIEW matched AS
SELECT
    i.account, i.sf_id, i.record_type, i.rank, i.email, i.email_key, i.modified, i.email_s, i.email_d, i.out_s, i.out_d,
    i.wrote_d, i.pair_contact, i.former, i.contact_id, i.person, i.is_pair, i.is_out,
    coalesce(i.hold, c.stuck_hold) AS hold,
    coalesce(c.carries, FALSE) AS carries
FROM identified AS i
LEFT JOIN carriers AS c ON i.account = c.account AND i.sf_id = c.sf_id;
CREATE TEMP TABLE carried (account VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE people (
    account VARCHAR, person VARCHAR, contact_id BIGINT,
    sf_id VARCHAR, record_type record_type, hold VARCHAR, email VARCHAR, email_key VARCHAR,  -- the record that writes
    email_s VARCHAR, email_d VARCHAR, out_s BOOLEAN, out_d BOOLEAN, is_pair BOOLEAN, former BIGINT,  -- its base
    contact_email VARCHAR, contact_key VARCHAR, looked_up BOOLEAN, has_contact BOOLEAN,
    is_frozen BOOLEAN,  -- a record of the person is held up, so nothing is taken away
    is_known BOOLEAN,  -- a pair of ours
    is_carried BOOLEAN,  -- a record brings the opt-out of the contact it leaves, or meets one (ID-4)
    s_out BOOLEAN, channel_out BOOLEAN, d_out BOOLEAN,
    is_refused BOOLEAN,  -- the account refused the address for good
    sent_hash VARCHAR
);
CREATE TEMP TABLE behind (account VARCHAR, person VARCHAR, former BIGINT);
CREATE TEMP TABLE names (account VARCHAR, contact_id BIGINT, sf_id VARCHAR, record_type record_type);

-- --- who is wanted where ----------------------------------------------------------------------------------------------

CREATE TEMP TABLE wants (
    account VARCHAR, address_book VARCHAR, link BIGINT, campaign VARCHAR, sf_id VARCHAR, member_id VARCHAR,
    leaves BOOLEAN, person VARCHAR, who VARCHAR, passes BOOLEAN, is_writer BOOLEAN, skip VARCHAR
);
CREATE TEMP TABLE leaving_wants (account VARCHAR, address_book VARCHAR, person VARCHAR, removed VARCHAR);
CREATE TEMP TABLE first_wants (
    account VARCHAR, address_book VARCHAR, link BIGINT, campaign VARCHAR, sf_id VARCHAR, member_id VARCHAR, who VARCHAR,
    person VARCHAR, skip VARCHAR, members VARCHAR, rests_on VARCHAR
);

-- --- who is on which book ---------------------------------------------------------------------------------------------

CREATE TEMP TABLE listed (
    account VARCHAR, address_book VARCHAR, contact_id BIGINT, is_on BOOLEAN, is_back BOOLEAN, is_unsubscribed BOOLEAN
);
CREATE TEMP TABLE told (account VARCHAR, address_book VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE departed (account VARCHAR, sf_id VARCHAR, contact_id BIGINT, gone VARCHAR);
CREATE TEMP TABLE places (account VARCHAR, address_book VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE released (account VARCHAR, address_book VARCHAR, contact_id BIGINT, rests_on VARCHAR);
CREATE TEMP TABLE turned_down (account VARCHAR, address_book VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE members_there (account VARCHAR, address_book VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE facts (
    account VARCHAR, address_book VARCHAR, contact_id BIGINT, removals removals, restore_left BOOLEAN,
    first_run BOOLEAN, is_complete BOOLEAN, is_partial BOOLEAN, is_taken_over BOOLEAN, takes_newcomers BOOLEAN,
    sf_id VARCHAR, record_type record_type, link BIGINT, campaign VARCHAR, member_id VARCHAR, members VARCHAR,
    removed VARCHAR, is_wanted BOOLEAN, is_listed BOOLEAN, is_back BOOLEAN, is_unsubscribed BOOLEAN, has_base BOOLEAN,
    was_wanted BOOLEAN, was_on BOOLEAN, was_ours BOOLEAN, was_unsubscribed BOOLEAN, was_left BOOLEAN, was_member VARCHAR,
    is_hidden BOOLEAN, looked_up BOOLEAN, is_frozen BOOLEAN, is_out BOOLEAN, is_refused BOOLEAN, has_pair BOOLEAN,
    gone VARCHAR, has_intent BOOLEAN, is_released BOOLEAN, rests_on VARCHAR, fails_filter BOOLEAN, is_member BOOLEAN,
    is_on BOOLEAN
);
CREATE TEMP TABLE left_behind (account VARCHAR, address_book VARCHAR, person VARCHAR);
CREATE TEMP TABLE memberships (
    account VARCHAR, address_book VARCHAR, contact_id BIGINT, sf_id VARCHAR, record_type record_type, link BIGINT,
    campaign VARCHAR, member_id VARCHAR, rests_on VARCHAR, removed VARCHAR, is_wanted BOOLEAN, is_on BOOLEAN,
    was_wanted BOOLEAN, decision book_decision, rule VARCHAR,
    held VARCHAR,  -- why nothing is done
    flags_next VARCHAR,  -- the base to come; null drops the row
    member_next VARCHAR, moves BOOLEAN
);
CREATE TEMP TABLE unmade (
    account VARCHAR, address_book VARCHAR, link BIGINT, campaign VARCHAR, member_id VARCHAR, rests_on VARCHAR,
    person VARCHAR, sf_id VARCHAR, record_type record_type, email VARCHAR, email_key VARCHAR, s_out BOOLEAN,
    is_out BOOLEAN, held VARCHAR
);
CREATE TEMP TABLE created (
    account VARCHAR, person VARCHAR, sf_id VARCHAR, record_type record_type, email VARCHAR, email_key VARCHAR,
    s_out BOOLEAN, is_out BOOLEAN, operation VARCHAR
);
CREATE TEMP TABLE active (
    account VARCHAR, person VARCHAR, contact_id BIGINT, sf_id VARCHAR, record_type record_type, email VARCHAR,
    email_key VARCHAR, contact_key VARCHAR, out_s BOOLEAN, out_d BOOLEAN, is_pair BOOLEAN, former BIGINT,
    looked_up BOOLEAN, s_out BOOLEAN, channel_out BOOLEAN, is_refused BOOLEAN, sent_to VARCHAR
);

-- --- newcomers --------------------------------------------------------------------------------------------------------

CREATE TEMP TABLE newcomers (
    account VARCHAR, address_book VARCHAR, campaign VARCHAR, status VARCHAR, contact_id BIGINT, email VARCHAR,
    email_key VARCHAR, found_id VARCHAR, found_type VARCHAR, skip VARCHAR
);
CREATE TEMP TABLE lead_values (
    account VARCHAR, contact_id BIGINT, name VARCHAR, value VARCHAR, hash VARCHAR, is_default BOOLEAN, problem VARCHAR
);
CREATE TEMP TABLE pending (account VARCHAR, contact_id BIGINT, why VARCHAR);
CREATE TEMP TABLE adoptions (
    account VARCHAR, address_book VARCHAR, campaign VARCHAR, status VARCHAR, contact_id BIGINT, email VARCHAR,
    email_key VARCHAR, found_id VARCHAR, found_type VARCHAR, operation VARCHAR, settles BOOLEAN
);
CREATE TEMP TABLE new_leads (
    account VARCHAR, address_book VARCHAR, campaign VARCHAR, status VARCHAR, contact_id BIGINT, email VARCHAR,
    email_key VARCHAR
);

-- --- values -----------------------------------------------------------------------------------------------------------

CREATE TEMP TABLE candidates (
    account VARCHAR, sf_id VARCHAR, record_type record_type, contact_id BIGINT, former BIGINT, is_refused BOOLEAN
);
CREATE TEMP TABLE inheriting (account VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE asked_records (account VARCHAR, record_type record_type, sf_id VARCHAR);
CREATE TEMP TABLE asked_contacts (account VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE asked_bases (account VARCHAR, record_type record_type, sf_id VARCHAR);
CREATE TEMP TABLE record_values (
    account VARCHAR, sf_id VARCHAR, modified_by VARCHAR, field BIGINT, c VARCHAR, r VARCHAR
);
CREATE TEMP TABLE contact_values (account VARCHAR, contact_id BIGINT, slot BIGINT, c VARCHAR, r VARCHAR);
CREATE TEMP TABLE base_values (
    account VARCHAR, record_type record_type, sf_id VARCHAR, contact_id BIGINT, wrote_s BIGINT, wrote_d BIGINT,
    field BIGINT, b_s VARCHAR, b_d VARCHAR, mark BIGINT
);
CREATE TEMP TABLE raw_cells (
    kind value_kind, account VARCHAR, sf_id VARCHAR, record_type record_type, contact_id BIGINT, is_refused BOOLEAN,
    field BIGINT, c_s VARCHAR, r_s VARCHAR, c_d VARCHAR, r_d VARCHAR, b_s VARCHAR, b_d VARCHAR, mark BIGINT,
    i_s VARCHAR, i_d VARCHAR,  -- the base inherited from another writer
    by_us BOOLEAN, fresh_s BOOLEAN, fresh_d BOOLEAN, is_new_writer BOOLEAN
);
-- What would be written to either side: some forms instead of the text, all else as it stands, without the white space
-- around it that the target would cut, and which would then look like an edit for ever. VAL-22: a text that is declared
-- lossy is cut, and then only flows towards Dotdigital.
CREATE TEMP VIEW cells AS
WITH ruled AS (
    SELECT
        c.*, f.direction AS declared, f.sends_form_s, f.sends_form_d,
        f.is_lossy AND coalesce(length(c.c_s) > 1000, FALSE) AS is_cut
    FROM raw_cells AS c
    INNER JOIN fields AS f ON c.account = f.account AND c.record_type = f.record_type AND c.field = f.field
)

SELECT
    r.*,
    CASE WHEN r.is_cut THEN 'salesforce_to_dotdigital' ELSE r.declared END AS direction,
    CASE
        WHEN r.sends_form_d AND NOT r.is_cut THEN r.c_s
        ELSE regexp_replace(
            CASE WHEN r.is_cut THEN left(r.c_s, 1000) ELSE r.r_s END,
            '^[\x09-\x0d\x1c-\x1f\x{85}\pZ]+|[\x09-\x0d\x1c-\x1f\x{85}\pZ]+$', '', 'g'
        )
    END AS v_d,
    CASE
        WHEN r.sends_form_s THEN r.c_d
        ELSE regexp_replace(r.r_d, '^[\x09-\x0d\x1c-\x1f\x{85}\pZ]+|[\x09-\x0d\x1c-\x1f\x{85}\pZ]+$', '', 'g')
    END AS v_s
FROM ruled AS r;
CREATE TEMP TABLE lost_values (account VARCHAR, record_type record_type, field BIGINT, side side, lost BIGINT);
CREATE TEMP TABLE filled_values (account VARCHAR, record_type record_type, field BIGINT, side side, filled BIGINT);
CREATE TEMP TABLE renewed (account VARCHAR, record_type record_type, field BIGINT, side side);
CREATE TEMP TABLE judged (
    kind value_kind, account VARCHAR, sf_id VARCHAR, record_type record_type, contact_id BIGINT, field BIGINT,
    c_s VARCHAR, c_d VARCHAR, r_s VARCHAR, r_d VARCHAR, v_s VARCHAR, v_d VARCHAR, s_blank BOOLEAN, d_blank BOOLEAN,
    rule VARCHAR,
    aim side,  -- the side to be written
    echo echo, next_s VARCHAR, next_d VARCHAR,  -- the base to come; null leaves it
    waits VARCHAR, moves BOOLEAN, is_barred BOOLEAN
);
CREATE TEMP TABLE valued (
    kind value_kind, account VARCHAR, sf_id VARCHAR, record_type record_type, contact_id BIGINT, field BIGINT,
    salesforce_field VARCHAR, data_field VARCHAR, c_d VARCHAR, r_s VARCHAR, r_d VARCHAR, v_s VARCHAR, v_d VARCHAR,
    s_blank BOOLEAN, d_blank BOOLEAN, rule VARCHAR, aim side, echo echo, next_s VARCHAR, next_d VARCHAR, waits VARCHAR,
    moves BOOLEAN, is_barred BOOLEAN, problem misfit
);

-- --- what follows -----------------------------------------------------------------------------------------------------

CREATE TEMP TABLE suppressions (
    account VARCHAR, contact_id BIGINT, email VARCHAR, channel VARCHAR, sf_id VARCHAR, record_type record_type,
    out_here BOOLEAN
);
CREATE TEMP TABLE touched (account VARCHAR, contact_id BIGINT);
CREATE TEMP TABLE changes (
    operation VARCHAR, account VARCHAR, person VARCHAR, record_type VARCHAR, sf_id VARCHAR, contact_id BIGINT,
    email VARCHAR, address_book VARCHAR, campaign VARCHAR, aspect aspect, field VARCHAR, "old" VARCHAR, "new" VARCHAR,
    decision VARCHAR, reason VARCHAR, expect_s VARCHAR, expect_d VARCHAR
);
CREATE TEMP TABLE parked_changes (
    operation VARCHAR, account VARCHAR, person VARCHAR, record_type VARCHAR, sf_id VARCHAR, contact_id BIGINT,
    email VARCHAR, address_book VARCHAR, campaign VARCHAR, aspect aspect, field VARCHAR, "old" VARCHAR, "new" VARCHAR,
    decision VARCHAR, reason VARCHAR, expect_s VARCHAR, expect_d VARCHAR
);
CREATE TEMP TABLE moves (
    operation VARCHAR, account VARCHAR, person VARCHAR, record_type VARCHAR, sf_id VARCHAR, contact_id BIGINT,
    email VARCHAR, address_book VARCHAR, campaign VARCHAR, aspect aspect, field VARCHAR, "old" VARCHAR, "new" VARCHAR,
    decision VARCHAR, reason VARCHAR, expect_s VARCHAR, expect_d VARCHAR
);
CREATE TEMP TABLE parked_rows (operation VARCHAR, person VARCHAR);
CREATE TEMP TABLE parked_lists (operation VARCHAR, person VARCHAR, address_book VARCHAR);
CREATE TEMP TABLE bare_creations (operation VARCHAR, person VARCHAR);

-- --- what was approved ------------------------------------------------------------------------------------------------

CREATE TEMP TABLE meanings (
    operation VARCHAR, account VARCHAR, person VARCHAR, record_type VARCHAR, sf_id VARCHAR, contact_id BIGINT,
    email VARCHAR, address_book VARCHAR, campaign VARCHAR, aspect aspect, field VARCHAR, "old" VARCHAR, "new" VARCHAR,
    decision VARCHAR, reason VARCHAR, expect_s VARCHAR, expect_d VARCHAR, is_opt_out BOOLEAN, is_creation BOOLEAN,
    is_move BOOLEAN, is_everywhere BOOLEAN, meaning VARCHAR
);
CREATE TEMP TABLE unapproved (
    operation VARCHAR, account VARCHAR, person VARCHAR, record_type VARCHAR, sf_id VARCHAR, contact_id BIGINT,
    email VARCHAR, address_book VARCHAR, campaign VARCHAR, aspect aspect, field VARCHAR, "old" VARCHAR, "new" VARCHAR,
    decision VARCHAR, reason VARCHAR, expect_s VARCHAR, expect_d VARCHAR, is_opt_out BOOLEAN, is_creation BOOLEAN,
    is_move BOOLEAN, is_everywhere BOOLEAN, meaning VARCHAR
);
CREATE TEMP TABLE halted (account VARCHAR, person VARCHAR);
CREATE TEMP TABLE withheld (
    operation VARCHAR, account VARCHAR, person VARCHAR, contact_id BIGINT, address_book VARCHAR, campaign VARCHAR,
    aspect aspect, decision VARCHAR, field VARCHAR, is_everywhere BOOLEAN, meaning VARCHAR, waits BOOLEAN
);
CREATE TEMP TABLE asked_people (address_book VARCHAR, sf_id VARCHAR, in_focus BOOLEAN);
CREATE TEMP TABLE unasked (campaign VARCHAR, address_book VARCHAR, person VARCHAR, aspect aspect, decision VARCHAR);
CREATE TEMP TABLE left_people (account VARCHAR, person VARCHAR, contact_id BIGINT, waits BOOLEAN);

-- --- who is left out --------------------------------------------------------------------------------------------------

CREATE TEMP TABLE skips (account VARCHAR, link BIGINT, who VARCHAR, reason VARCHAR);
CREATE TEMP TABLE held (account VARCHAR, reason VARCHAR, who VARCHAR);

-- --- the answer in numbers --------------------------------------------------------------------------------------------

CREATE TEMP TABLE operation_counts (operation VARCHAR, people BIGINT, "rows" BIGINT);
CREATE TEMP TABLE change_counts (operation VARCHAR, name VARCHAR, "rows" BIGINT);
CREATE TEMP TABLE totals (
    "add" BIGINT, "update" BIGINT, "remove" BIGINT, conflicts BIGINT, suppress BIGINT, opt_out BIGINT, members BIGINT,
    new_leads BIGINT, adopt BIGINT
);
CREATE TEMP TABLE left_counts (fresh BIGINT, waiting BIGINT, due BIGINT);
CREATE TEMP TABLE held_counts (reason VARCHAR, people BIGINT);
CREATE TEMP TABLE account_counts (account VARCHAR, overwrites BIGINT, creations BIGINT, scope BIGINT);
CREATE TEMP TABLE unproven (reasons BIGINT);
CREATE TEMP TABLE pending_counts (why VARCHAR, people BIGINT);
CREATE TEMP TABLE book_counts (
    account VARCHAR, address_book VARCHAR, wanted BIGINT, wanted_before BIGINT, on_book BIGINT, removed BIGINT
);
CREATE TEMP TABLE campaign_counts (campaign VARCHAR, members BIGINT, removed BIGINT);
CREATE TEMP TABLE selected_counts (campaign VARCHAR, people BIGINT);
CREATE TEMP TABLE first_links (account VARCHAR, sf_id VARCHAR, link BIGINT);
CREATE TEMP TABLE link_counts (
    link BIGINT, members BIGINT, same_contact BIGINT, elsewhere BIGINT, "add" BIGINT, parked BIGINT, unapproved BIGINT,
    unasked BIGINT,
    "update" BIGINT,
    "remove" BIGINT, on_book BIGINT, new_leads BIGINT, adopt BIGINT, pending BIGINT
);
CREATE TEMP TABLE skip_counts (link BIGINT, reason VARCHAR, people BIGINT);
CREATE TEMP TABLE field_counts (
    account VARCHAR, record_type record_type, field BIGINT, there BIGINT, there_overwritten BIGINT, there_blanked BIGINT,
    there_won BIGINT, there_settled BIGINT, back BIGINT, back_overwritten BIGINT, back_blanked BIGINT, back_won BIGINT,
    back_settled BIGINT, kept BIGINT, waiting BIGINT
);
CREATE TEMP TABLE filled_counts (account VARCHAR, record_type record_type, field BIGINT, here BIGINT, there BIGINT);

-- --- what was changed by hand -----------------------------------------------------------------------------------------

CREATE TEMP TABLE drifted (
    what drift_kind, account VARCHAR, record_type VARCHAR, who VARCHAR, side side,
    place VARCHAR,  -- a Salesforce field, an address book, a campaign
    field VARCHAR,  -- the one that was edited
    form VARCHAR, shown VARCHAR,  -- the value that is there now, to compare and as it stands
    changed_by VARCHAR, changed_at BIGINT,
    operation VARCHAR, person VARCHAR, aspect aspect, key VARCHAR  -- the row of the plan that puts it back
);
CREATE TEMP TABLE drift_groups (
    what drift_kind, account VARCHAR, record_type VARCHAR, side side, place VARCHAR, field VARCHAR, form VARCHAR,
    shown VARCHAR, people BIGINT, changed_by VARCHAR, changed_at BIGINT, nth BIGINT, is_listed BOOLEAN
);
CREATE TEMP TABLE drift_more (
    what drift_kind, account VARCHAR, record_type VARCHAR, place VARCHAR, field VARCHAR, "groups" BIGINT, people BIGINT
);
CREATE TEMP TABLE drift_others (operation VARCHAR, people BIGINT, "rows" BIGINT);
