// Drives the sandbox org with jsforce, the client that Salesforce's own tools use, and prints what it saw as JSON.
import { createRequire } from "node:module";

const [packages, url, token, adminToken, zip] = process.argv.slice(2);
const jsforce = createRequire(`${packages}/`)("jsforce");
const seen = {};
const refused = async (call) => {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.name, code: error.errorCode, message: error.message };
  }
};

const oauth2 = new jsforce.OAuth2({ loginUrl: url, clientId: "sandbox-client", clientSecret: "sandbox-secret" });
const login = new jsforce.Connection({ loginUrl: url, oauth2 });
await login.authorize({ grant_type: "client_credentials" });
seen.login = { instance: login.instanceUrl === url, token: login.accessToken.includes("!") };
seen.identity = (await login.identity()).username;

const older = new jsforce.Connection({ loginUrl: url, version: "59.0" });
seen.password = (await older.login("admin@acme.example", "sandbox")).organizationId.startsWith("00D");

const conn = new jsforce.Connection({ instanceUrl: url, accessToken: token, version: "52.0" });
seen.stranger = await refused(() =>
  new jsforce.Connection({ instanceUrl: url, accessToken: "00D!nothing" }).query("SELECT Id FROM Contact"),
);
seen.limits = (await conn.limits()).DailyApiRequests.Max;
seen.usage = conn.limitInfo.apiUsage.limit;
seen.global = (await conn.describeGlobal()).sobjects.some((one) => one.name === "CampaignMember");
const described = await conn.sobject("Contact").describe();
seen.describe = {
  email: described.fields.find((one) => one.name === "Email").idLookup,
  children: described.childRelationships.some((one) => one.relationshipName === "CampaignMembers"),
  recordTypes: described.recordTypeInfos.length > 0,
};

const account = await conn.sobject("Account").create({ Name: "Acme" });
const made = await conn
  .sobject("Contact")
  .create([...Array(30).keys()].map((n) => ({ LastName: `Person ${n}`, Title: `T${n % 2}`, AccountId: account.id })));
seen.created = made.filter((one) => one.success).length;
const [wrong] = await conn.sobject("Contact").create([{ Title: "no name" }]);
seen.row = wrong.errors[0].statusCode ?? wrong.errors[0].errorCode;
seen.updated = (await conn.sobject("Contact").update({ Id: made[0].id, Title: "Captain" })).success;
seen.retrieved = (await conn.sobject("Contact").retrieve(made[0].id)).Title;
seen.upserted = await conn.sobject("Contact").upsert({ Email: "new@example.com", LastName: "New" }, "Email");
seen.deleted = (await conn.sobject("Contact").destroy([made[1].id, made[2].id])).map((one) => one.success);
seen.gone = await refused(() => conn.sobject("Contact").retrieve(made[1].id));

const page = await conn.query("SELECT Id, Account.Name FROM Contact WHERE AccountId != null ORDER BY Id");
const more = await conn.queryMore(page.nextRecordsUrl);
seen.pages = [page.totalSize, page.records.length, more.records.length, page.records[0].Account.Name];
const all = await conn.query("SELECT Id FROM Contact").run({ autoFetch: true, maxFetch: 1000 });
seen.all = all.records.length;
seen.groups = (await conn.query("SELECT Title, COUNT(Id) n FROM Contact GROUP BY Title ORDER BY Title")).records.map(
  (one) => [one.Title, one.n],
);
seen.found = (
  await conn
    .sobject("Account")
    .find({ Name: { $like: "Ac%" } }, "Id, Name")
    .include("Contacts")
    .select("LastName")
    .limit(2)
    .end()
).map((one) => one.Contacts.records.length);
seen.malformed = await refused(() => conn.query("SELECT FROM Contact"));

const base = `/services/data/v52.0`;
seen.composite = (
  await conn.requestPost(`${base}/composite`, {
    compositeRequest: [{ method: "GET", url: `${base}/sobjects/Contact/${made[0].id}?fields=Title`, referenceId: "r" }],
  })
).compositeResponse[0].body.Title;
seen.batch = (
  await conn.requestPost(`${base}/composite/batch`, { batchRequests: [{ method: "GET", url: "v52.0/limits" }] })
).results[0].statusCode;
seen.tree = (
  await conn.requestPost(`${base}/composite/tree/Account`, {
    records: [{ attributes: { type: "Account", referenceId: "r1" }, Name: "Tree" }],
  })
).results[0].referenceId;

conn.bulk2.pollInterval = 50;
conn.bulk2.pollTimeout = 120_000;
const loaded = await conn.bulk2.loadAndWaitForResults({
  object: "Lead",
  operation: "insert",
  input: [
    { LastName: "One", Company: "Acme" },
    { LastName: "Two", Company: "" },
  ],
});
seen.ingest = [
  loaded.successfulResults.length,
  loaded.failedResults.map((one) => one.sf__Error.split(":")[0]),
  loaded.unprocessedRecords.length,
];
const rows = [];
for await (const row of await conn.bulk2.query("SELECT LastName, Owner.Name FROM Lead")) rows.push(row);
seen.bulkQuery = rows.map((one) => [one.LastName, one["Owner.Name"]]);

conn.bulk.pollInterval = 50;
conn.bulk.pollTimeout = 120_000;
const loadedOlder = await conn.bulk.load("Lead", "insert", [
  { LastName: "Three", Company: "Acme", DoNotCall: true },
  { LastName: "Four", Company: null },
]);
seen.load = loadedOlder.map((one) => [one.success, one.created, one.errors.map((each) => each.split(":")[0])]);
const keyed = [
  { LastName: "Five", Company: "Acme", External_Ref__c: "five" },
  { LastName: "Three", Company: "Acme & Söhne", External_Ref__c: "three" },
];
seen.bulkUpsert = (await conn.bulk.load("Lead", "upsert", { extIdField: "External_Ref__c" }, keyed)).map(
  (one) => one.created,
);
const [three] = loadedOlder;
seen.bulkUpdate = (await conn.bulk.load("Lead", "update", [{ Id: three.id, Title: "Captain" }]))[0].id === three.id;
const olderRows = [];
for await (const row of await conn.bulk.query("SELECT LastName, Company, Title FROM Lead WHERE LastName = 'Three'"))
  olderRows.push([row.LastName, row.Company, row.Title]);
seen.olderQuery = olderRows.sort();
seen.bulkDelete = (await conn.bulk.load("Lead", "delete", [{ Id: three.id }]))[0].success;
const job = conn.bulk.createJob("Contact", "insert");
await job.open();
seen.job = [(await job.check()).state, (await job.abort()).state];
seen.bulkRefused = await refused(() => conn.bulk.load("Nope__c", "insert", [{ Name: "x" }]));
seen.bulkFailed = await refused(() => conn.bulk.query("SELECT Nope FROM Lead"));
seen.bulkStranger = await refused(() =>
  new jsforce.Connection({ instanceUrl: url, accessToken: "00D!nothing" }).bulk.createJob("Lead", "insert").open(),
);

const admin = new jsforce.Connection({ instanceUrl: url, accessToken: adminToken, version: "60.0" });
const { metadata } = admin;
const shop = {
  fullName: "Shop__c",
  label: "Shop",
  pluralLabel: "Shops",
  nameField: { type: "Text", label: "Name" },
  deploymentStatus: "Deployed",
  sharingModel: "ReadWrite",
};
const code = { fullName: "Shop__c.Code__c", label: "Code & <more>", type: "Text", length: 40, unique: true };
const tier = {
  fullName: "Shop__c.Tier__c",
  label: "Tier",
  type: "Picklist",
  valueSet: { valueSetDefinition: { sorted: false, value: [{ fullName: "A", default: true, label: "A" }] } },
};
const verdicts = (all) => all.map((one) => [one.success, one.created, one.errors.map((each) => each.statusCode)]);
const types = await metadata.describe("60.0");
seen.metadataTypes = types.metadataObjects.map((one) => [one.xmlName, one.childXmlNames]);
seen.metadataCreated = (await metadata.create("CustomObject", shop)).success;
seen.metadataFields = verdicts(
  await metadata.create("CustomField", [code, tier, { ...code, fullName: "Shop__c.Bad__c", length: undefined }]),
);
seen.metadataUpserted = verdicts(await metadata.upsert("CustomField", [{ ...code, label: "Code" }]));
seen.metadataUpdated = (await metadata.update("CustomField", { ...code, length: 50 })).success;
const [object, nothing] = await metadata.read("CustomObject", ["Shop__c", "Nope__c"]);
seen.metadataRead = [
  object.nameField.type,
  object.fields.map((one) => [one.fullName, one.label, one.length ?? null, one.unique ?? null]),
  object.fields[1].valueSet.valueSetDefinition.value.map((one) => [one.fullName, one.default]),
  nothing.fullName ?? null,
];
seen.metadataListed = (await metadata.list([{ type: "CustomField" }, { type: "CustomObject" }]))
  .filter((one) => one.fullName.startsWith("Shop__c"))
  .map((one) => [one.type, one.fullName, one.fileName]);
seen.metadataRow = (await admin.sobject("Shop__c").create({ Name: "One", Code__c: "a" })).success;
seen.metadataDeleted = verdicts(await metadata.delete("CustomField", ["Shop__c.Tier__c", "Shop__c.Tier__c"]));
metadata.pollInterval = 50;
metadata.pollTimeout = 120_000;
const deploy = metadata.deploy(zip, { rollbackOnError: true, singlePackage: true });
const finished = await deploy.complete(true);
seen.deployed = [
  finished.status,
  finished.success,
  finished.numberComponentsDeployed,
  finished.details.componentSuccesses.map((one) => one.fullName),
];
seen.deployStatus = (await metadata.checkDeployStatus(finished.id)).completedDate === finished.completedDate;
seen.metadataRefused = await refused(() => metadata.retrieve({ apiVersion: "60.0" }));
seen.metadataStranger = await refused(() =>
  new jsforce.Connection({ instanceUrl: url, accessToken: "00D!nothing" }).metadata.describe(),
);
seen.userInfo = (await admin.soap.getUserInfo()).userName;
seen.timestamp = (await admin.soap.getServerTimestamp()).timestamp.endsWith("Z");
seen.soapRefused = await refused(() => admin.soap.merge({}));
const leaving = older.accessToken;
await older.logout();
seen.loggedOut = await refused(() =>
  new jsforce.Connection({ instanceUrl: url, accessToken: leaving }).query("SELECT Id FROM Contact"),
);

process.stdout.write(JSON.stringify(seen));
