#include "gateway/config/setting_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>
#include <vector>

namespace cpis::config {
namespace {

using enum SettingType;

constexpr std::array rows{
    SettingRow{"store.url", text, "sqlite:cpis-gateway.db", "",
               "Where everything is kept: sqlite:PATH, or mysql://user:password@host:port/database "
               "for several gateways on one MariaDB or Galera cluster."},
    SettingRow{"store.burst_mb_max", count, "256", "0..4096",
               "Beside a SQLite store, messages that come faster than it takes them in are kept in "
               "PATH.arrivals first, which grows to this; 0: they wait for the store."},
    SettingRow{"protection.source", choice, "register", "register|spine|cpis-fhir",
               "Who is asked whether a record is held: the embedded register, Spine, or the CP-IS "
               "FHIR API."},
    SettingRow{"spine.asid", text, "", "", "The ASID of this gateway."},
    SettingRow{"spine.party_key", text, "", "", "The party key of this gateway."},
    SettingRow{"spine.tls.certificate", text, "", "",
               "PEM file: the client certificate Spine knows us by, and its chain."},
    SettingRow{"spine.tls.key", text, "", "", "PEM file: its private key."},
    SettingRow{"spine.tls.ca", text, "", "",
               "PEM file: who signs Spine's certificates. Default: the authorities of the system."},
    SettingRow{
        "spine.tls.crl", text, "", "",
        "PEM file: revocation lists of that authority. Spine is refused when its certificate "
        "is listed, or when no list in force is there. Read at the start. Empty: not "
        "looked up."},
    SettingRow{"spine.pattern", choice, "sds", "sds|sync|express|reliable",
               "How questions are answered: as SDS says (a manual contract: reliable), or always "
               "like this. sync needs no inbound listener."},
    SettingRow{"spine.scheduled_marker", choice, "none", "none|first-child|query-parameter",
               "Where a query says that care is scheduled. none: such questions are refused, "
               "because unmarked they would notify the council."},
    SettingRow{"spine.reply_to", text, "", "",
               "Our address in synchronous SOAP. Default: that of the inbound listener."},
    SettingRow{
        "spine.contract.url", text, "", "",
        "Where queries are sent, for example "
        "https://msg.example.nhs.uk/reliablemessaging/reliablerequest. Empty: SDS is asked."},
    SettingRow{"spine.contract.asid", text, "", "", "ASID of the system that answers there."},
    SettingRow{"spine.contract.party_key", text, "", "", "Its party key."},
    SettingRow{"spine.contract.cpa_id", text, "", "", "CPA id of the contract with it."},
    SettingRow{"spine.sds.url", text, "", "", "Base URL of the SDS FHIR API."},
    SettingRow{"spine.sds.api_key", secret, "", "", "Our key for it."},
    SettingRow{"spine.sds.ods_code", text, "YES", "",
               "ODS code under which SDS lists the system that answers queries."},
    SettingRow{"spine.inbound.address", text, "127.0.0.1", "",
               "Address of the listener that Spine brings asynchronous answers to."},
    SettingRow{"spine.inbound.port", port, "8443", "0..65535", "Its port; 0 takes a free one."},
    SettingRow{"spine.inbound.tls.certificate", text, "", "",
               "PEM file: certificate of that listener and its chain."},
    SettingRow{"spine.inbound.tls.key", text, "", "", "PEM file: its private key."},
    SettingRow{"spine.inbound.tls.client_ca", text, "", "",
               "PEM file: who signs the certificate that Spine must show there."},
    SettingRow{"spine.inbound.tls.crl", text, "", "",
               "PEM file: revocation lists for that certificate, read again when the file "
               "changes. Empty: not looked up."},
    SettingRow{"spine.threads", count, "64", "1..1024", "Questions sent at the same time."},
    SettingRow{"spine.failures", count, "5", "1..1000",
               "Failures in a row after which Spine counts as away and questions end at once."},
    SettingRow{"spine.rest_seconds", seconds, "10", "1..3600",
               "How long then until one question is let through to see."},

    SettingRow{"cpis_fhir.url", text, "", "", "Base URL of the CP-IS FHIR API."},
    SettingRow{"cpis_fhir.form", choice, "care-team", "care-team|patient-flag",
               "Which of its forms is asked."},
    SettingRow{"cpis_fhir.tls.certificate", text, "", "",
               "PEM file: client certificate, where one is wanted."},
    SettingRow{"cpis_fhir.tls.key", text, "", "", "PEM file: its private key."},
    SettingRow{"cpis_fhir.tls.ca", text, "", "",
               "PEM file: who signs its certificates. Default: the authorities of the system."},
    SettingRow{"cpis_fhir.token.from", choice, "application", "application|caller",
               "Whose token is shown there: the application's, or the one that whoever looks came "
               "with (then http.auth is token, and both trust the same issuer)."},
    SettingRow{"cpis_fhir.token.url", text, "", "", "Where access tokens are asked for."},
    SettingRow{"cpis_fhir.token.api_key", secret, "", "", "The application's API key."},
    SettingRow{"cpis_fhir.token.key_id", text, "", "", "kid of the registered public key."},
    SettingRow{"cpis_fhir.token.key", text, "", "", "PEM file: the private key to sign with."},

    SettingRow{"pds.url", text, "", "",
               "Base URL of PDS FHIR, before /Patient. Set: each NHS number is confirmed there "
               "before Spine is asked, and a superseded one is followed."},
    SettingRow{"pds.tls.certificate", text, "", "",
               "PEM file: client certificate, where one is wanted."},
    SettingRow{"pds.tls.key", text, "", "", "PEM file: its private key."},
    SettingRow{"pds.tls.ca", text, "", "",
               "PEM file: who signs its certificates. Default: the authorities of the system."},
    SettingRow{"pds.calls_each_second", count, "5", "1..1000", "What PDS allows us."},
    SettingRow{"pds.token.url", text, "", "", "Where access tokens are asked for."},
    SettingRow{"pds.token.api_key", secret, "", "", "The application's API key."},
    SettingRow{"pds.token.key_id", text, "", "", "kid of the registered public key."},
    SettingRow{"pds.token.key", text, "", "", "PEM file: the private key to sign with."},
    SettingRow{"pds.test_number", text, "", "",
               "NHS number of a test person that `doctor --trace` looks up."},

    SettingRow{"http.address", text, "127.0.0.1", "",
               "Address of the FHIR door. Anything but loopback needs http.tls.certificate and "
               "http.auth = token."},
    SettingRow{"http.port", port, "8080", "0..65535", "Port of the FHIR door; 0 takes a free one."},
    SettingRow{"http.base_url", text, "", "",
               "The URL clients know this server by, for links behind a proxy, for example "
               "https://gateway.example.nhs.uk. Default: taken from each request."},
    SettingRow{"http.tls.certificate", text, "", "", "PEM file: certificate and its chain."},
    SettingRow{"http.tls.key", text, "", "", "PEM file: private key."},
    SettingRow{"http.tls.client_ca", text, "", "",
               "PEM file: authorities whose client certificates are demanded."},
    SettingRow{"http.tls.client_certificates", choice, "required", "required|optional",
               "With http.tls.client_ca: whether a client without a certificate may connect."},
    SettingRow{"http.auth", choice, "none", "none|token",
               "none: everybody on this machine is the default caller. token: a bearer token, or a "
               "client certificate, of a client.* section is demanded."},
    SettingRow{"http.loops", count, "2", "1..64", "Event loops; about one for each core."},
    SettingRow{"http.workers", count, "4", "1..256", "Threads for work that can block."},
    SettingRow{"http.queue", count, "4096", "1..1000000",
               "Requests that may wait for a worker before 503 is answered."},
    SettingRow{"http.connections", count, "10000", "1..1000000", "Open connections in all."},
    SettingRow{"http.connections_per_address", count, "8000", "1..1000000",
               "Open connections from one address. Behind a proxy all come from one."},
    SettingRow{"http.body_kb_max", count, "8192", "1..1048576", "Largest request body in KiB."},
    SettingRow{
        "http.trusted_proxies", text, "", "",
        "Addresses, separated by commas, whose Forwarded and X-Forwarded headers say by which "
        "URL a client knows this server."},
    SettingRow{"http.cors_origins", text, "", "",
               "Origins, separated by commas, whose web pages may call the FHIR door, for example "
               "https://app.example.nhs.uk; * for any. Empty: none."},

    SettingRow{"audit.interactions", choice, "protection", "protection|all",
               "What leaves an event in the audit, naming each resource that was shown, durable "
               "before the answer. protection: looks at the protection record, flags, $everything, "
               "$match and every write. all: every interaction of the FHIR face, failed ones too."},
    SettingRow{"search.lenient", flag, "no", "",
               "Whether Prefer: handling=lenient may leave unknown search parameters out."},
    SettingRow{"search.narrow", flag, "yes", "",
               "A search over people must single them out; no: it may list them."},
    SettingRow{"search.examined_max", count, "20000", "100..10000000",
               "Resources that one search may look at before it is refused."},
    SettingRow{"validate.packages", text, "", "",
               "FHIR packages (.tgz) or folders of definitions, separated by commas, UK Core for "
               "instance: $validate, $expand, $validate-code and writes that name one of their "
               "profiles know them. Read at start."},
    SettingRow{"validate.policy", text, "", "",
               "How severe findings are in $validate and for writes. Empty: as FHIR has it. nhs: "
               "what NHS systems send today is a warning. Otherwise a file: see "
               "gateway/docs/fhir/operations.md."},

    SettingRow{"caller.organisation_code", text, "", "", "ODS code of the default caller."},
    SettingRow{"caller.organisation_name", text, "", "", "Its name, as a council will read it."},
    SettingRow{"caller.role_code", text, "", "", "SDS job role code of the default caller."},
    SettingRow{"caller.role_name", text, "", "", "Display of that role."},
    SettingRow{"caller.person_name", text, "", "", "Name of the default caller."},
    SettingRow{"caller.user_id", text, "", "", "User id of the default caller."},
    SettingRow{"caller.setting", choice, "unscheduled", "unscheduled|scheduled",
               "What a question is when the request does not say."},

    SettingRow{"auth.skew_seconds", seconds, "30", "0..300",
               "How far clocks may differ when the times of a token are checked."},
    SettingRow{"auth.token_minutes_max", count, "60", "1..1440",
               "Tokens that live longer than this are refused."},
    SettingRow{"auth.jwks_refresh_seconds", seconds, "300", "10..86400",
               "How often the keys of issuers and clients are read again. A new key is also looked "
               "for when a token names it, at most every ten seconds."},
    SettingRow{"issuer.*.url", text, "", "", "Who issues access tokens: the exact `iss` claim."},
    SettingRow{"issuer.*.audience", text, "", "",
               "The `aud` claim that means this gateway; several are separated by blanks."},
    SettingRow{"issuer.*.jwks", text, "", "",
               "The issuer's public keys: a file, or an https URL (http only on loopback)."},
    SettingRow{
        "issuer.*.authority", text, "", "",
        "PEM file: who signs the certificate of that URL. Default: the system's authorities."},
    SettingRow{"issuer.*.scopes", choice, "token", "token|client",
               "Where the SMART scopes come from: the token (never more than the client is "
               "registered for), or for issuers without SMART scopes the client's registration."},
    SettingRow{"token.enabled", flag, "no", "",
               "Serve /oauth2/token: clients with client.*.keys get access tokens for signed "
               "assertions (SMART Backend Services). For sandboxes and small sites."},
    SettingRow{"token.key", text, "", "",
               "PEM file: the private key that signs the tokens, RSA (2048 bits or more), P-256 or "
               "P-384. Make one with `cpis-gateway client key`."},
    SettingRow{"token.key_id", text, "gateway-1", "", "Its `kid`. A new key gets a new one."},
    SettingRow{"token.life_seconds", seconds, "300", "60..3600", "How long such a token lives."},

    SettingRow{"client.*.id", text, "", "", "OAuth2 client id. Default: the section's name."},
    SettingRow{"client.*.enabled", flag, "yes", "", "no: the client is revoked."},
    SettingRow{"client.*.token", secret, "", "",
               "sha256:HEX of the client's bearer token (echo -n TOKEN | sha256sum)."},
    SettingRow{"client.*.keys", text, "", "",
               "The client's public keys for /oauth2/token: a JWKS file or https URL."},
    SettingRow{"client.*.certificate", text, "", "",
               "SHA-256 fingerprint of the client's TLS certificate in hexadecimal: a connection "
               "with it needs no token."},
    SettingRow{"client.*.scopes", text, "system/*.rs user/*.rs", "",
               "SMART scopes (v1 or v2) that the client may be given, at most."},
    SettingRow{"client.*.activities", text, "B0107 B0170", "",
               "What it may do when it acts in its own name: B0107 looks that notify, B0170 looks "
               "from scheduled care that do not. Users' activities come from their tokens."},
    SettingRow{"client.*.organisations", text, "", "",
               "ODS codes its users may belong to, separated by blanks. Default: its own."},
    SettingRow{"client.*.rate_per_minute", count, "0", "0..10000000",
               "Requests a minute before 429 is answered; 0: no limit."},
    SettingRow{"client.*.burst", count, "60", "1..1000000", "Requests that may come at once."},
    SettingRow{"client.*.organisation_code", text, "", "", "ODS code named in notices."},
    SettingRow{"client.*.organisation_name", text, "", "", "Name of that organisation."},
    SettingRow{"client.*.role_code", text, "", "", "SDS job role code."},
    SettingRow{"client.*.role_name", text, "", "", "Display of that role."},
    SettingRow{"client.*.person_name", text, "", "", "User, or the nominated person of a system."},
    SettingRow{"client.*.user_id", text, "", "", "User id; for a system leave it out."},
    SettingRow{"client.*.system_id", text, "", "",
               "ASID or product id; for a person leave it out."},
    SettingRow{"client.*.setting", choice, "unscheduled", "unscheduled|scheduled",
               "What a question of this client is when the request does not say."},
    SettingRow{"client.*.admin", flag, "no", "",
               "May use the operations pages: notices, accesses, messages, metrics."},
    SettingRow{"client.*.read_messages", flag, "no", "",
               "May also read stored HL7 v2 messages whole, with names; each time is audited."},

    SettingRow{"hl7v2.companions", flag, "yes", "",
               "Whether a hospital's messages also leave RelatedPerson, EpisodeOfCare, Location, "
               "Practitioner, PractitionerRole, Organization, Coverage and Provenance. no: Patient "
               "and Encounter only."},
    SettingRow{"hl7v2.http.feed", text, "", "",
               "The feed.* section by whose settings (codes, places, character set) messages over "
               "HTTP are read and converted. Default: the defaults of a feed."},
    SettingRow{"hl7v2.http.status", choice, "always_200", "always_200|by_code",
               "HTTP status of an acknowledgement. always_200, as HL7 over HTTP has it: only MSA-1 "
               "tells. by_code: 400 for AE and AR."},
    SettingRow{"feed.*.address", text, "127.0.0.1", "", "Address of an MLLP listener."},
    SettingRow{"feed.*.port", port, "2575", "0..65535", "Its port; 0 takes a free one."},
    SettingRow{"feed.*.frame_kb_max", count, "4096", "16..262144", "Largest message in KiB."},
    SettingRow{
        "feed.*.charset", text, "", "",
        "Character set of bytes that are not UTF-8 when MSH-18 is empty or names none that is "
        "known, for example 8859/2. Default: Windows-1252 when it is empty."},
    SettingRow{"feed.*.ack_mode", choice, "auto", "auto|original|enhanced",
               "How messages are acknowledged."},
    SettingRow{"feed.*.organisation_code", text, "", "",
               "ODS code of the hospital, when the messages do not say."},
    SettingRow{"feed.*.check", flag, "yes", "", "Whether arrivals of this feed are checked."},
    SettingRow{
        "feed.*.test_messages", choice, "keep", "keep|process",
        "Messages marked training or debugging (MSH-11 T or D). keep: kept and acknowledged, "
        "and nothing follows from them. process: as production, for a test system."},
    SettingRow{
        "feed.*.folder", text, "", "",
        "Folder that files of messages are taken from, one message or a batch each, to catch "
        "up; empty: none. A file must appear whole: write it as NAME.part, then rename it."},
    SettingRow{"feed.*.mapping", text, "", "",
               "A JSON file, or a folder of them, laid over the published v2-to-FHIR tables for "
               "this feed alone (profiles/v2_to_fhir/README.md)."},
    SettingRow{"feed.*.clocks", choice, "london", "london|utc",
               "Whose clocks times without a zone are read from."},
    SettingRow{"feed.*.day_first_dates", flag, "no", "",
               "Whether 01/10/2019 is the first of October; no: such a date is not read."},
    SettingRow{
        "feed.*.unsupported", choice, "accept", "accept|reject",
        "Message types, events and versions that are not used here. accept: AA, and they are "
        "counted. reject: AR, which makes some engines stop or send for ever."},
    SettingRow{"feed.*.events", text, "", "",
               "Trigger events that are acted on, separated by commas. Default: all known ones."},
    SettingRow{"feed.*.versions", text, "", "",
               "MSH-12 that are accepted, separated by commas. Default: all."},
    SettingRow{
        "feed.*.organisations", text, "", "",
        "MSH-4 as it is sent and the ODS code it stands for: CODE=ODS, separated by commas."},
    SettingRow{"feed.*.site_code", text, "", "",
               "ODS code of the site, when the location does not say."},
    SettingRow{"feed.*.sites", text, "", "",
               "Facility or point of care (PV1-3.4, PV1-3.11, PV1-3.1) as it is sent and its ODS "
               "site: ED=RXX01, separated by commas."},
    SettingRow{"feed.*.sexes", text, "", "",
               "PID-8 as it is sent and male, female, other or unknown: CODE=female, separated by "
               "commas."},
    SettingRow{
        "feed.*.classes", text, "", "",
        "PV1-2 as it is sent and E, I, O, P, B, R, W or U: DAY UNIT=I, separated by commas."},
    SettingRow{"feed.*.classes_by_location", text, "", "",
               "Point of care (PV1-3.1) and the class there, where PV1-2 does not tell: ED=E, "
               "separated by commas."},
    SettingRow{"feed.*.obstetric_locations", text, "", "",
               "Points of care of maternity, separated by commas: whoever is there is checked for "
               "an unborn child plan."},
    SettingRow{"feed.*.visit_number", text, "PV1-19.1", "",
               "Where the number of the visit stands, for example PID-18.1."},
    SettingRow{"feed.*.nhs_number_authorities", text, "", "",
               "Assigning authorities (PID-3.4) that mark an NHS number, beside the usual; "
               "separated by commas."},
    SettingRow{"feed.*.local_number_types", text, "", "",
               "Identifier types (PID-3.5) that mark a number of the hospital, beside the usual; "
               "separated by commas."},
    SettingRow{"feed.*.local_number_authority", text, "", "",
               "The authority of hospital numbers that are sent without one."},
    SettingRow{"feed.*.tls.certificate", text, "", "", "PEM file: certificate and its chain."},
    SettingRow{"feed.*.tls.key", text, "", "", "PEM file: private key."},
    SettingRow{"feed.*.tls.client_ca", text, "", "", "PEM file: client certificates demanded."},
    SettingRow{
        "feed.*.alert.to", text, "", "",
        "HOST:PORT of the interface engine that gets an HL7 v2 message over MLLP when a check "
        "of this feed finds a record or cannot be made; empty: none."},
    SettingRow{"feed.*.alert.tls", flag, "no", "",
               "Whether that connection is encrypted; needed for anything but loopback."},
    SettingRow{"feed.*.alert.tls.ca", text, "", "",
               "PEM file: who signs the engine's certificate. Default: the authorities of the "
               "system."},
    SettingRow{"feed.*.alert.tls.certificate", text, "", "",
               "PEM file: our client certificate, where the engine wants one."},
    SettingRow{"feed.*.alert.tls.key", text, "", "", "PEM file: its private key."},
    SettingRow{"feed.*.alert.event", text, "A08", "", "Trigger event of the message."},
    SettingRow{"feed.*.alert.structure", text, "ADT_A01", "", "Its structure, MSH-9.3."},
    SettingRow{"feed.*.alert.version", text, "2.4", "", "MSH-12."},
    SettingRow{"feed.*.alert.receiving_application", text, "", "", "MSH-5."},
    SettingRow{"feed.*.alert.receiving_facility", text, "", "", "MSH-6."},
    SettingRow{"feed.*.alert.with_name", flag, "yes", "",
               "Whether PID-5 is sent, so that the receiver sees that it has the right patient."},
    SettingRow{
        "feed.*.alert.segments", text, "", "",
        "Segment templates with \\r between them, each written once for a plan. {name} stands "
        "for a value: see adapters/hl7v2/README.md. Default: OBX and ZCP."},
    SettingRow{"feed.*.alert.wording", text, "", "",
               "The words of {wording} when a record is held."},
    SettingRow{"feed.*.alert.not_asked_wording", text, "", "",
               "The words when the check could not be made."},
    SettingRow{
        "feed.*.alert.attempts", count, "200", "1..100000",
        "Attempts, with growing pauses up to a quarter of an hour, before a message is given "
        "up and shown to a person."},

    SettingRow{"check.organisation_code", text, "", "",
               "ODS code in whose name arrivals are checked."},
    SettingRow{"check.organisation_name", text, "", "", "Its name, as a council will read it."},
    SettingRow{"check.role_code", text, "", "", "Job role code of the nominated person."},
    SettingRow{"check.role_name", text, "", "", "Display of that role."},
    SettingRow{"check.person_name", text, "", "",
               "The nominated person, for example the safeguarding lead."},
    SettingRow{"check.system_id", text, "", "", "ASID of this system."},
    SettingRow{"check.adult_age", count, "18", "16..25", "People younger than this are checked."},
    SettingRow{"check.expectant_mothers", flag, "yes", "", "Expectant mothers are checked."},
    SettingRow{"check.unknown_birth_date", flag, "yes", "",
               "People without a readable birth date are checked."},
    SettingRow{"check.answer_seconds", seconds, "30", "1..300",
               "How long a question may take before it counts as not answered."},

    SettingRow{"alert.webhook.url", text, "", "",
               "Where the Flag bundle of an alert is posted; empty: nowhere."},
    SettingRow{"alert.webhook.token", secret, "", "", "Bearer token sent with it."},
    SettingRow{"alert.file", text, "alerts.jsonl", "",
               "File that gets one JSON line for each alert; empty: none."},
    SettingRow{
        "subscription.endpoints", text, "", "",
        "Urls, separated by commas, below which the endpoints of FHIR Subscriptions may lie: "
        "https, or http to this machine itself. Empty: no rest-hook is taken."},
    SettingRow{"subscription.per_client", count, "20", "1..1000",
               "Subscriptions that one client may have."},
    SettingRow{"subscription.attempts", count, "12", "1..1000",
               "Attempts, with growing pauses up to five minutes, before a subscription goes to "
               "error."},
    SettingRow{
        "notice.tray", text, "notices", "",
        "Folder with one folder a council, where notices are laid as CP-IS message and CSV."},
    SettingRow{"notice.alarm_seconds", seconds, "900", "10..604800",
               "A notice that waits longer than this to be delivered raises an alarm."},

    SettingRow{"intake.folder", text, "", "",
               "Folder watched for council exports; empty: none is watched."},
    SettingRow{"intake.profile", text, "lcs", "", "Profile of the exports in that folder."},
    SettingRow{"intake.council", text, "", "",
               "ODS code of the council.* section whose exports they are; may be left out when "
               "there is only one."},
    SettingRow{"intake.hours", text, "", "",
               "When exports are taken, in England's clocks, for example Mon-Sun 05:00-07:00. "
               "Empty: as soon as they come."},
    SettingRow{"intake.alarm_hours", count, "26", "1..8760",
               "The newest good extract of a council may be this old; an older one is an alarm."},

    SettingRow{"council.*.dfe_code", text, "", "",
               "DfE code (three digits) of a council; must be that of its name."},
    SettingRow{"council.*.name", text, "", "", "Its name as clinicians will read it."},
    SettingRow{"council.*.office_phone", text, "", "", "Telephone in office hours."},
    SettingRow{"council.*.emergency_phone", text, "", "",
               "Telephone of the emergency duty team, out of hours."},
    SettingRow{"council.*.transport", choice, "register", "register|mesh",
               "Where its uploads go and its answers and notices come from: the embedded register, "
               "or CP-IS over MESH."},
    SettingRow{"council.*.mesh.mailbox", text, "", "", "Its MESH mailbox id."},
    SettingRow{"council.*.mesh.password", secret, "", "", "Password of that mailbox."},
    SettingRow{"council.*.mesh.first_number", count, "1", "1..999999999999",
               "Least number of its next upload. For a council that has uploaded with another "
               "program: one more than the last number that program used."},
    SettingRow{"council.*.office_hours", text, "", "",
               "When its office reads notices, in England's clocks, for example "
               "Mon-Thu 08:45-17:15, Fri 08:45-16:30; otherwise they go to the emergency duty "
               "team. Empty: always."},
    SettingRow{"council.*.closed_days", text, "", "",
               "Bank holidays and other days its office is closed, like 2026-12-25 2026-12-28."},
    SettingRow{"council.*.notice_layout", choice, "generic", "generic|lcs|mosaic",
               "Columns of the CSV that its case system imports."},
    SettingRow{"council.*.notice_url", text, "", "",
               "Where its notices are posted as well; empty: they are only laid in the tray."},
    SettingRow{"council.*.emergency_notice_url", text, "", "",
               "Where they are posted out of hours; empty: to notice_url."},
    SettingRow{"council.*.notice_body", choice, "communication", "communication|json",
               "What is posted: a FHIR Bundle of Communication, or plain JSON."},
    SettingRow{"council.*.notice_token", secret, "", "", "Bearer token sent with it."},

    SettingRow{"mesh.url", text, "", "",
               "Base URL of the MESH API, without /messageexchange, for example "
               "https://mesh-sync.spineservices.nhs.uk."},
    SettingRow{"mesh.shared_key", secret, "", "", "The environment's shared key."},
    SettingRow{"mesh.tls.certificate", text, "", "",
               "PEM file: the client certificate MESH knows us by, and its chain."},
    SettingRow{"mesh.tls.key", text, "", "", "PEM file: its private key."},
    SettingRow{"mesh.tls.ca", text, "", "",
               "PEM file: who signs MESH's certificates. Default: the authorities of the system."},
    SettingRow{"mesh.to", text, "", "", "Mailbox of CP-IS that uploads are sent to."},
    SettingRow{
        "mesh.from", text, "", "",
        "Mailboxes whose files are believed, separated by blanks. Default: that of mesh.to."},
    SettingRow{"mesh.workflow", text, "", "", "Workflow id of uploads."},
    SettingRow{"mesh.file_name", text, "upload-%.xml", "",
               "File name of an upload; % stands for its number."},
    SettingRow{"mesh.subject", text, "", "", "Subject of an upload, if one is wanted."},
    SettingRow{"mesh.chunk_kb", count, "20000", "1..97000",
               "Uploads are sent in pieces of this many KiB before compression."},
    SettingRow{"mesh.gzip", flag, "yes", "", "Whether uploads are compressed."},
    SettingRow{"mesh.poll_seconds", seconds, "300", "1..86400",
               "How often the inbox is looked at. MESH wants 300 or more."},
    SettingRow{"mesh.retry_seconds", seconds, "30", "1..3600",
               "First wait after a failure; it doubles up to an hour."},
    SettingRow{"mesh.resubmit_seconds", seconds, "900", "1..86400",
               "First wait before records go out again that CP-IS could not check (CPF05)."},

    SettingRow{"visibility.ended_days", days, "365", "0..3650",
               "Days a CPP or LAC stays visible after it ended."},
    SettingRow{"visibility.unborn_ended_days", days, "28", "0..3650",
               "Days an unborn child plan stays visible after its end, the expected delivery."},
    SettingRow{"visibility.adult_age", count, "18", "0..25",
               "A child's plans are not shown from this birthday on; 0: always shown."},

    SettingRow{"log.level", choice, "info", "debug|info|warning|error", "Least severe line kept."},
    SettingRow{"log.format", choice, "json", "json|text", "json for collectors, text for people."},
    SettingRow{"retention.messages_days", days, "30", "8..3650",
               "Days a processed message is kept."},
    SettingRow{"retention.quarantined_days", days, "365", "30..3650",
               "Days a message is kept that was put aside and that nobody came back to."},
};

std::vector<std::string_view> parts_of(std::string_view key) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t dot = key.find('.');
    parts.push_back(key.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    key.remove_prefix(dot + 1);
  }
}

bool fits(std::string_view pattern, std::string_view key) {
  const auto want = parts_of(pattern);
  const auto have = parts_of(key);
  return want.size() == have.size() &&
         std::equal(want.begin(), want.end(), have.begin(),
                    [](auto w, auto h) { return w == h || (w == "*" && !h.empty()); });
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, replaced});
    }
  }
  return row.back();
}

bool is_one_of(std::string_view value, std::string_view choices) {
  while (!choices.empty()) {
    const std::size_t bar = choices.find('|');
    if (choices.substr(0, bar) == value) return true;
    if (bar == std::string_view::npos) return false;
    choices.remove_prefix(bar + 1);
  }
  return false;
}

bool read_number(std::string_view text, long long& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::span<const SettingRow> setting_rows() { return rows; }

const SettingRow* find_row(std::string_view key) {
  const auto* found = std::find_if(rows.begin(), rows.end(),
                                   [&](const SettingRow& row) { return fits(row.key, key); });
  return found == rows.end() ? nullptr : found;
}

std::string_view nearest_key(std::string_view key) {
  const SettingRow* best = nullptr;
  std::size_t best_distance = std::numeric_limits<std::size_t>::max();
  for (const SettingRow& row : rows) {
    const std::size_t distance = edit_distance(key, row.key);
    if (distance < best_distance) {
      best = &row;
      best_distance = distance;
    }
  }
  return best != nullptr && best_distance * 2 <= key.size() ? best->key : std::string_view{};
}

std::string refuse_value(const SettingRow& row, std::string_view value) {
  switch (row.type) {
    case text:
      return "";
    case secret:
      return value.empty() ? "must not be empty" : "";
    case flag:
      return is_one_of(value, "yes|no") ? "" : "say yes or no";
    case choice:
      return is_one_of(value, row.allowed) ? "" : "say one of " + std::string{row.allowed};
    default:
      break;
  }
  long long number = 0;
  long long least = 0;
  long long most = 0;
  const std::size_t dots = row.allowed.find("..");
  read_number(row.allowed.substr(0, dots), least);
  read_number(row.allowed.substr(dots + 2), most);
  if (!read_number(value, number) || number < least || number > most) {
    return "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  }
  return "";
}

std::string example_config() {
  std::string out =
      "# cpis-gateway configuration. Every key is shown at its default; remove the # to change "
      "it.\n"
      "# A * stands for a name you choose, for example feed.ed.port.\n"
      "# Check it with: cpis-gateway check-config FILE\n";
  std::string_view section;
  for (const SettingRow& row : rows) {
    const std::string_view first = row.key.substr(0, row.key.find('.'));
    if (first != section) out += '\n';
    section = first;
    out += "# " + std::string{row.help};
    if (!row.allowed.empty()) out += " (" + std::string{row.allowed} + ")";
    out += "\n#" + std::string{row.key} + " = " + std::string{row.fallback} + "\n";
  }
  return out;
}

}  // namespace cpis::config
