"""Batch sizes and limits of both vendors, one constant each. Sources: the vendors' pages, or named as our own
choice.
"""

COLLECTION_ROWS = 200  # Salesforce sObject Collections: at most 200 records a call
COMPOSITE_SUBREQUESTS = 25  # Salesforce Composite: at most 25, of them 5 queries
COMPOSITE_QUERIES = 5
SOQL_URI = 2_000  # Salesforce recommends a URI of at most 2,000 characters; longer queries travel in a composite body
SOQL_LENGTH = 100_000  # characters per statement
BULK_READ_ROWS = 20_000  # ours: results with more rows are read through Bulk API 2.0, where 500 pages are a handful
BULK_WRITE_ROWS = 2_000  # Salesforce advises Collections up to here, Bulk API 2.0 above
BULK_PAGE = 50_000  # rows of a bulk result that are fetched at once; we hold one page in memory
BULK_BATCH_ROWS = 10_000  # rows that Salesforce works through as one batch; a day has 15,000 batches
BULK_UPLOAD = 100_000_000  # bytes of one upload: 150 MB once they are in base64
BULK_JOB_CALLS = 7  # estimate for a plan's cost: make, upload, hand over, two polls, two kinds of results
BULK_FIELD = 32_000  # characters of a value in an upload; the smaller of two documented figures
CONTACTS_PAGE = 5_000  # Dotdigital GET /contacts/v3: limit 1..5000
V2_PAGE = 1_000  # Dotdigital v2: select 1..1000
IMPORT_BYTES = 45_000_000  # Dotdigital import body: at most 50 MB; we stay below
ACTIVE_IMPORTS = 25
LOOK_UP_ROWS = 1_000  # ours: Dotdigital names no limit for retrieve-collection
SUPPRESS_ROWS = 1_000  # ours: Dotdigital names no limit for suppress-contacts
LIST_DELETE_ROWS = 5_000  # ours: Dotdigital names no limit for a list's contacts/delete
EMAILS_PER_QUERY = 3_000  # Salesforce: what fits into one SOQL statement
IDS_PER_QUERY = 4_000
IMPORT_BYTES_PER_CONTACT = 140  # estimates for a plan's cost
IMPORT_BYTES_PER_VALUE = 45
