#include "gateway/console/console.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "gateway/console/client_commands.h"
#include "gateway/console/commands.h"
#include "gateway/console/fhir_commands.h"

namespace cpis::console {
namespace {

constexpr const char* footer =
    "Exit codes: 0 done, 1 the input has faults, 2 wrong usage, 3 wrong configuration,\n"
    "4 the store cannot be used, 5 failed otherwise.\n"
    "Start with: cpis-gateway demo";

// What the verbs were asked; filled by the parser.
struct Asked {
  std::string config = "cpis-gateway.conf";
  bool example = false;
  bool trace = false;
  ExplainOptions explain;
  ImportOptions import;
  ListOptions list;
  WorkListOptions work;
  ClientOptions client;
  DemoOptions demo;
  MessageOptions messages;
  TraceOptions traced;
  ValidateFiles validate;
  AskTerminology terminology;
  std::string expression;
  std::string what;
  std::string file;
  std::string to = "json";
  std::string audit_format = "lines";
  std::vector<std::string> audit_heads;
  bool strict = false;
  bool csv = false;
  bool json = false;
  int exit_code = exit_ok;
};

void add_config(CLI::App& verb, std::string& config) {
  verb.add_option("-c,--config", config, "Configuration file")->capture_default_str();
}

/// May be there several times, each time with one value: what follows it is a file again.
void add_each(CLI::App& verb, const std::string& name, std::vector<std::string>& values,
              const std::string& help) {
  verb.add_option(name, values, help)->allow_extra_args(false);
}

void add_running(CLI::App& app, Asked& asked) {
  CLI::App* run = app.add_subcommand("run", "Run the gateway until it is told to stop");
  add_config(*run, asked.config);
  run->callback([&] { asked.exit_code = run_gateway(asked.config); });

  CLI::App* check = app.add_subcommand(
      "check-config", "Check a configuration file: every fault with its line and remedy");
  check->add_option("file", asked.config, "Configuration file")->capture_default_str();
  check->add_flag("--example", asked.example, "Print a file with every key, commented");
  check->callback([&] { asked.exit_code = check_config(asked.config, asked.example); });

  CLI::App* doctor_verb = app.add_subcommand(
      "doctor", "Look for trouble: configuration, store, folders, certificates, clock");
  add_config(*doctor_verb, asked.config);
  doctor_verb->add_flag("--trace", asked.trace,
                        "Also look up the test person of pds.test_number with PDS");
  doctor_verb->callback([&] { asked.exit_code = doctor(asked.config, asked.trace); });
}

void add_trace(CLI::App& app, Asked& asked) {
  TraceOptions& options = asked.traced;
  CLI::App* verb = app.add_subcommand(
      "trace", "Confirm an NHS number with PDS, or find the one of somebody (pds.*)");
  add_config(*verb, options.config);
  CLI::Option* number = verb->add_option("--number", options.number, "The number to confirm");
  verb->add_option("--family", options.family, "Family name")->excludes(number);
  verb->add_option("--born", options.born, "Birth date, 2018-04-12")->excludes(number);
  verb->add_option("--given", options.given, "Given name")->excludes(number);
  verb->add_option("--gender", options.gender, "female, male, other or unknown")->excludes(number);
  verb->add_option("--postcode", options.postcode, "Restricted people are not found by it")
      ->excludes(number);
  verb->callback([&] { asked.exit_code = trace_person(options); });
}

void add_store(CLI::App& app, Asked& asked) {
  CLI::App* audit = app.add_subcommand("audit", "Verify or export the audit trail");
  audit->add_option("what", asked.what, "verify or export")
      ->required()
      ->check(CLI::IsMember({"verify", "export"}));
  audit->add_option("--format", asked.audit_format, "Of an export: lines (JSON), fhir or csv")
      ->check(CLI::IsMember({"lines", "fhir", "csv"}))
      ->capture_default_str();
  audit
      ->add_option("--head", asked.audit_heads,
                   "Of verify: a head that was kept elsewhere, CHAIN:ROWS:HASH; rows that were cut "
                   "off at the end show against it")
      ->allow_extra_args(false);
  add_config(*audit, asked.config);
  audit->callback([&] {
    asked.exit_code =
        audit_command(asked.config, asked.what, asked.audit_format, asked.audit_heads);
  });
  CLI::App* backup = app.add_subcommand("backup", "Copy the store (SQLite), also while it is used");
  backup->add_option("to", asked.file, "New file")->required();
  add_config(*backup, asked.config);
  backup->callback([&] { asked.exit_code = backup_store(asked.config, asked.file); });
  CLI::App* restore = app.add_subcommand("restore", "Make a new store from a backup");
  restore->add_option("from", asked.file, "Backup")->required();
  restore->add_option("to", asked.to, "New store file")->required();
  restore->callback([&] { asked.exit_code = restore_store(asked.file, asked.to); });
}

void add_clients(CLI::App& app, Asked& asked) {
  CLI::App* verb = app.add_subcommand("client", "Keys, registrations and tokens of clients");
  verb->require_subcommand(1);
  ClientOptions& client = asked.client;
  const auto add_key = [&client](CLI::App& part) {
    part.add_option("--kind", client.kind, "rsa, p256 or p384")
        ->check(CLI::IsMember({"rsa", "p256", "p384"}))
        ->capture_default_str();
    part.add_option("--kid", client.key_id, "Key id; default: the file's name");
  };
  CLI::App* key = verb->add_subcommand("key", "Make a private key, and its JWKS beside it");
  key->add_option("file", client.file, "New PEM file")->required();
  add_key(*key);
  key->callback([&] { asked.exit_code = make_client_key(client); });

  CLI::App* enrol = verb->add_subcommand("register", "Make a key and print the client's section");
  enrol->add_option("name", client.name, "Name and client id")->required();
  enrol->add_option("--key", client.file, "New PEM file; default: NAME.pem");
  add_key(*enrol);
  enrol->add_option("--organisation", client.organisation_code, "ODS code")->capture_default_str();
  enrol->add_option("--organisation-name", client.organisation_name, "Its name")
      ->capture_default_str();
  enrol->add_option("--scopes", client.scopes, "SMART scopes")->capture_default_str();
  enrol->callback([&] { asked.exit_code = register_client(client); });

  CLI::App* token = verb->add_subcommand("token", "Get an access token with a signed assertion");
  token->add_option("name", client.name, "Client id")->required();
  token->add_option("--key", client.file, "PEM file of the private key")->required();
  token->add_option("--kid", client.key_id, "Key id; default: the file's name");
  token->add_option("--url", client.url, "http.base_url of the gateway")->required();
  token->add_option("--authority", client.authority, "PEM: who signs its certificate");
  token->add_option("--scopes", client.scopes, "SMART scopes")->capture_default_str();
  token->callback([&] { asked.exit_code = fetch_token(client); });
}

void add_import(CLI::App& app, Asked& asked) {
  CLI::App* verb = app.add_subcommand(
      "import", "Read a council's export and put its plans into the embedded register");
  verb->add_option("paths", asked.import.paths, "Files, or a folder with one export")->required();
  add_config(*verb, asked.import.config);
  verb->add_option("--profile", asked.import.profile, "Shipped mapping profile")
      ->capture_default_str();
  verb->add_option("--profile-file", asked.import.profile_file, "Mapping profile of your own");
  verb->add_option("--council", asked.import.council,
                   "ODS code of the council.* section whose export it is");
  verb->add_option("--people", asked.import.people,
                   "CSV that stands for PDS; loaded before the export");
  verb->add_option("--report", asked.import.report,
                   "Write the exception report to NAME.csv and "
                   "NAME.json");
  verb->add_option("--release", asked.import.release,
                   "NAME,NAME of the two people who let an extract go that is held (F02, F03)");
  verb->add_flag("--approve-deletes", asked.import.approve_deletes,
                 "With --release: both also approve every delete in the extract");
  verb->add_flag("--resync", asked.import.resync,
                 "Send everything again that CP-IS holds by our memory; the guards still hold");
  verb->add_flag("--dry-run", asked.import.dry_run, "Read and report only; change nothing");
  verb->callback([&] { asked.exit_code = import_exports(asked.import); });
}

void add_work_list(CLI::App& app, Asked& asked) {
  CLI::App* verb = app.add_subcommand(
      "work-list", "List what a council's staff have to do: refused, held, vanished, and more");
  add_config(*verb, asked.config);
  verb->add_option("--council", asked.work.council, "ODS code of one council; otherwise all");
  verb->add_flag("--all", asked.work.all, "Resolved items too");
  auto* csv = verb->add_flag("--csv", asked.csv, "For a spreadsheet");
  verb->add_flag("--json", asked.json, "With the history of each item")->excludes(csv);
  verb->add_option("--take", asked.work.take, "Take the item with this id; with --by and --url");
  verb->add_option("--close", asked.work.close, "Say that the item with this id is dealt with");
  verb->add_option("--approve", asked.work.approve,
                   "Approve the delete, number or start of this item; two people have to");
  verb->add_option("--by", asked.work.by, "Who does it");
  verb->add_option("--url", asked.work.url, "The running gateway");
  verb->add_option("--token", asked.work.token, "Bearer token of an admin client");
  verb->callback([&asked] {
    asked.work.config = asked.config;
    if (asked.csv) asked.work.format = "csv";
    if (asked.json) asked.work.format = "json";
    asked.exit_code = list_work(asked.work);
  });
}

void add_mesh(CLI::App& app, Asked& asked) {
  CLI::App* verb = app.add_subcommand(
      "mesh", "List the newest uploads over MESH and the files that came, and how they fared");
  add_config(*verb, asked.config);
  verb->callback([&asked] { asked.exit_code = list_mesh(asked.config); });
}

void add_looking(CLI::App& app, Asked& asked) {
  CLI::App* explain = app.add_subcommand(
      "explain", "Say what any HL7 v2 message, CP-IS message or export row set means; no network");
  explain->add_option("files", asked.explain.files, "Files to explain")->required();
  explain->add_flag("--names", asked.explain.names, "Also show names, dates of birth and numbers");
  CLI::Option* config = explain->add_option("-c,--config", asked.explain.config,
                                            "Configuration with the feed that is meant");
  explain->add_option("--feed", asked.explain.feed, "Read HL7 v2 as this feed does")->needs(config);
  config->needs(explain->get_option("--feed"));
  explain->callback([&] { asked.exit_code = explain_files(asked.explain); });

  const auto add_list = [&](const char* name, const char* help, int (*list)(const ListOptions&)) {
    CLI::App* verb = app.add_subcommand(name, help);
    verb->add_option("-c,--config", asked.list.config,
                     "Configuration file; its store is read while no gateway runs on it");
    verb->add_option("--url", asked.list.url,
                     "A running gateway, for example http://127.0.0.1:8080");
    verb->add_option("--token", asked.list.token, "Bearer token of an admin client");
    verb->add_option("--count", asked.list.count, "Rows at the most")->capture_default_str();
    verb->add_flag("--json", asked.list.json, "JSON as the gateway answers it");
    verb->callback([&asked, list] { asked.exit_code = list(asked.list); });
    return verb;
  };
  CLI::App* notices = add_list("notices", "List what councils are owed or have got", list_notices);
  notices->add_option("--state", asked.list.state, "waiting, delivered or acknowledged")
      ->capture_default_str();
  notices->add_option("--council", asked.list.council, "ODS code of one council");
  notices->add_option("--open", asked.list.open, "Show one notice; who opens it is kept");
  notices->add_option("--by", asked.list.by, "Who opens it");
  add_list("accesses", "List the recorded looks, newest first", list_accesses);
  add_list("subscriptions", "List who is pushed alerts, and where each subscription stands",
           list_subscriptions);
}

void add_messages(CLI::App& app, Asked& asked) {
  MessageOptions& options = asked.messages;
  CLI::App* verb = app.add_subcommand(
      "messages",
      "Stored HL7 v2 messages, of a running gateway or of its store: list, show, replay");
  verb->require_subcommand(1);
  const auto add = [&](CLI::App& under, const char* name, const char* help,
                       int (*run)(const MessageOptions&)) {
    CLI::App* one = under.add_subcommand(name, help);
    one->add_option("--url", options.url, "The gateway")->capture_default_str();
    one->add_option("--token", options.token, "Bearer token of an admin client");
    one->callback([&asked, run] { asked.exit_code = run(asked.messages); });
    return one;
  };
  const auto offline = [&](CLI::App& one) {
    one.add_option("--config", options.config,
                   "Work on the store of this configuration, without a running gateway");
    one.add_option("--by", options.by, "With --config: who asks, for the audit");
  };
  CLI::App* list = add(*verb, "list", "In order of arrival, without names", list_messages);
  list->add_option("--feed", options.feed, "Of one feed");
  list->add_option("--state", options.state, "waiting, working, finished or quarantined");
  list->add_option("--after", options.after, "Id of the last message that was seen");
  list->add_option("--count", options.count, "Rows at the most")->capture_default_str();
  offline(*list);
  CLI::App* show = add(*verb, "show", "What is understood of a message", show_message);
  show->add_option("id", options.id, "Id of the message")->required();
  show->add_flag("--full", options.full, "The message itself, with names; this is audited");
  offline(*show);
  CLI::App* replay = add(*verb, "replay", "Work on a message, or a range, again", replay_messages);
  replay->add_option("id", options.id, "Id of the message, or of the first")->required();
  replay->add_option("to", options.to, "Id of the last");
  replay->add_option("--feed", options.feed, "Of one feed");
  replay->add_option("--state", options.state, "finished or quarantined; otherwise both");
  offline(*replay);
  CLI::App* again =
      add(app, "send-again", "Try an alert again that was given up", send_alert_again);
  again->add_option("id", options.id, "Id of the delivery, from /admin/alerts")->required();
}

void add_validate(CLI::App& app, Asked& asked) {
  CLI::App* verb = app.add_subcommand("validate", "Validate FHIR R4 resources, JSON or XML");
  verb->add_option("files", asked.validate.files, "Files, or folders of them")->required();
  add_each(*verb, "--profile", asked.validate.profiles, "Canonical the roots must conform to");
  add_each(*verb, "--package", asked.validate.packages, "FHIR package (.tgz) or folder");
  verb->add_option("--format", asked.validate.format, "text, json, junit or sarif")
      ->check(CLI::IsMember({"text", "json", "junit", "sarif"}))
      ->capture_default_str();
  verb->add_option("--policy", asked.validate.policy,
                   "Severities: nhs (what NHS systems send today), or a file of rules");
  verb->add_flag("--best-practice", asked.validate.best_practice, "Also best practice rules");
  verb->add_flag("--must-support", asked.validate.must_support, "Also missing must-support");
  verb->add_flag("-q,--quiet", asked.validate.quiet, "Only faults");
  verb->callback([&] { asked.exit_code = validate_files(asked.validate); });
}

void add_terminology(CLI::App& app, Asked& asked) {
  CLI::App* expand = app.add_subcommand("expand", "List the codes of a value set");
  expand->add_option("url", asked.terminology.canonical, "Canonical of the ValueSet")->required();
  expand->add_option("--filter", asked.terminology.filter, "Part of a code or display");
  expand->add_option("--count", asked.terminology.count, "Codes at the most")
      ->capture_default_str();
  add_each(*expand, "--package", asked.terminology.packages, "FHIR package (.tgz) or folder");
  expand->callback([&] { asked.exit_code = expand_set(asked.terminology); });
  CLI::App* check = app.add_subcommand(
      "validate-code", "Say whether a code belongs: yes (0), no (1), or unknown here (5)");
  check->add_option("url", asked.terminology.canonical, "Canonical of the ValueSet or CodeSystem")
      ->required();
  check->add_option("code", asked.terminology.code, "CODE, or SYSTEM|CODE")->required();
  check->add_option("--display", asked.terminology.display, "It must be known by this display");
  add_each(*check, "--package", asked.terminology.packages, "FHIR package (.tgz) or folder");
  check->callback([&] { asked.exit_code = check_code(asked.terminology); });
}

void add_fhir_tools(CLI::App& app, Asked& asked) {
  add_validate(app, asked);
  add_terminology(app, asked);
  CLI::App* path = app.add_subcommand("fhirpath", "Evaluate a FHIRPath expression on a resource");
  path->add_option("expression", asked.expression, "For example Patient.name.given")->required();
  path->add_option("file", asked.file, "Resource, JSON or XML")->required();
  path->add_flag("--strict", asked.strict, "Refuse unknown names and impossible types");
  path->callback(
      [&] { asked.exit_code = evaluate_fhirpath(asked.expression, asked.file, asked.strict); });
  CLI::App* convert = app.add_subcommand("convert", "Write a resource as JSON or XML, lossless");
  convert->add_option("file", asked.file, "Resource, JSON or XML")->required();
  convert->add_option("--to", asked.to, "json or xml")
      ->check(CLI::IsMember({"json", "xml"}))
      ->capture_default_str();
  convert->callback([&] { asked.exit_code = convert_file(asked.file, asked.to); });
  CLI::App* snapshot =
      app.add_subcommand("snapshot", "Write a StructureDefinition with its snapshot");
  snapshot->add_option("file", asked.file, "StructureDefinition")->required();
  add_each(*snapshot, "--package", asked.validate.packages, "FHIR package (.tgz) or folder");
  snapshot->callback([&] { asked.exit_code = make_snapshot(asked.file, asked.validate.packages); });
}

void add_demo(CLI::App& app, Asked& asked) {
  CLI::App* verb = app.add_subcommand(
      "demo", "Show an invented county at work: arrivals, checks, alerts, Flags, notices");
  verb->add_flag("--once", asked.demo.once,
                 "Run the story to its end and verify every step; 0 only when all are right");
  verb->add_option("--source", asked.demo.source,
                   "Who is asked: the embedded register, or a simulated Spine over mutual TLS")
      ->check(CLI::IsMember({"register", "spine"}))
      ->capture_default_str();
  verb->add_option("--children", asked.demo.children, "Children with plans")->capture_default_str();
  verb->add_option("--folder", asked.demo.folder,
                   "Where to keep the demo's data; default: a new "
                   "temporary folder");
  verb->add_option("--http-port", asked.demo.http_port, "FHIR port")->capture_default_str();
  verb->add_option("--mllp-port", asked.demo.mllp_port, "HL7 v2 port")->capture_default_str();
  verb->callback([&] { asked.exit_code = run_demo(asked.demo); });
}

}  // namespace

int run(int argc, char** argv) {
  Asked asked;
  CLI::App app{"cpis-gateway: FHIR R4 gateway for Child Protection - Information Sharing"};
  app.name("cpis-gateway");
  app.footer(footer);
  app.require_subcommand(0, 1);
  bool version = false;
  app.add_flag("--version", version, "Print the version");
  app.add_subcommand("version", "Print the version")->callback([&] { version = true; });
  add_demo(app, asked);
  add_running(app, asked);
  add_trace(app, asked);
  add_store(app, asked);
  add_clients(app, asked);
  add_import(app, asked);
  add_looking(app, asked);
  add_work_list(app, asked);
  add_messages(app, asked);
  add_mesh(app, asked);
  add_fhir_tools(app, asked);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_ok : exit_usage;
  }
  if (version) {
    std::cout << "cpis-gateway " << CPIS_VERSION << '\n';
  } else if (app.get_subcommands().empty()) {
    std::cout << app.help();
  }
  return asked.exit_code;
}

}  // namespace cpis::console
