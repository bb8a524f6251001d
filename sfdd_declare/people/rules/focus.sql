-- `--target` and `--exclude`: the rows about people whom a link in focus wants, about its address book or its campaign.
-- Whoever opted out is never left out (CON).

DELETE FROM changes
WHERE NOT (
    starts_with(operation, 'suppress:')
    OR starts_with(operation, 'create_leads:')  -- newcomers of other links are not among them
    OR starts_with(operation, 'adopt:')
    OR starts_with(operation, 'opt_out_records:')
    OR (
        aspect = 'list'
        AND coalesce(address_book, '') IN (SELECT l.address_book FROM links AS l WHERE l.in_focus)
    )
    OR (aspect = 'member' AND coalesce(campaign, '') IN (SELECT l.campaign FROM links AS l WHERE l.in_focus))
    OR (
        aspect NOT IN ('list', 'member')
        AND (
            coalesce(sf_id, '') IN (
                SELECT w.sf_id
                FROM wants AS w
                INNER JOIN links AS l ON w.link = l.link
                WHERE l.in_focus AND w.passes AND NOT w.leaves
            )
            OR coalesce(sf_id, '') IN (
                SELECT p.sf_id
                FROM wants AS w
                INNER JOIN links AS l ON w.link = l.link
                INNER JOIN people AS p ON w.account = p.account AND w.person = p.person
                WHERE l.in_focus AND w.passes AND NOT w.leaves
            )
        )
    )
);
