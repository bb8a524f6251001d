-- ID-5: contacts that leads were converted to, of accounts that import both, and that nobody has read.

INSERT INTO asked_heirs BY NAME
SELECT DISTINCT r.converted_to AS sf_id
FROM read_records AS r
INNER JOIN record_types AS t ON r.account = t.account AND t.record_type = 'contact' AND t.is_mapped
WHERE
    r.record_type = 'lead' AND r.converted AND r.converted_to IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM read_records AS c
        WHERE c.account = r.account AND c.record_type = 'contact' AND c.sf_id = r.converted_to
    );
