#include <iostream>

#include "adapters/social_care/json/json_tree.h"
#include "adapters/social_care/work_list.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/console/http_get.h"
#include "gateway/observe/clock.h"
#include "gateway/store/open.h"
#include "gateway/usecases/council_book.h"

namespace cpis::console {
namespace {

using social_care::WorkEntry;

struct CouncilWork {
  std::string council;
  std::vector<WorkEntry> entries;
};

Result<std::vector<CouncilWork>> read_work(store::Database& database,
                                           const WorkListOptions& options) {
  std::vector<CouncilWork> lists;
  const Status read = database.read([&](store::Session& session) -> Status {
    lists.clear();
    std::vector<std::string> councils{options.council};
    if (options.council.empty()) {
      auto found = usecases::councils_with_work(session);
      if (!found) return found.error();
      councils = *std::move(found);
    }
    for (const std::string& council : councils) {
      auto entries = usecases::work_list(session, council, options.all);
      if (!entries) return entries.error();
      lists.push_back({council, *std::move(entries)});
    }
    return done;
  });
  if (!read) return read.error();
  return lists;
}

void print_text(const CouncilWork& list, Date today) {
  std::size_t restricted = 0;
  for (const WorkEntry& entry : list.entries) {
    if (entry.item.restricted) {
      ++restricted;
      continue;
    }
    std::cout << list.council << '\t' << name_of(entry.item.kind) << '\t'
              << (entry.open ? "open" : "resolved") << '\t' << days_between(entry.since, today)
              << " days\t" << entry.item.person_key << '\t' << entry.item.subject << '\t'
              << entry.item.reason << '\t' << entry.item.text << '\n';
  }
  std::cout << list.council << '\t' << list.entries.size() << " items";
  if (restricted > 0) std::cout << ", " << restricted << " of them restricted and not shown";
  std::cout << '\n';
}

struct Act {
  std::string id;
  std::string_view verb;
  std::string_view answer;
};
Act act_of(const WorkListOptions& options) {
  if (!options.take.empty()) return {options.take, "take", "taken"};
  if (!options.close.empty()) return {options.close, "close", "closed"};
  return {options.approve, "approve", "approved; it is sent when two people have approved it"};
}

// Through the running gateway, which is the one that writes.
int act_on_item(const WorkListOptions& options) {
  if (options.url.empty() || options.by.empty() || options.council.empty()) {
    std::cerr << "say --council CODE --by NAME and --url of the running gateway\n";
    return exit_usage;
  }
  const Act act = act_of(options);
  const std::string body = "{\"council\":" + social_care::json_string(options.council) +
                           ",\"id\":" + social_care::json_string(act.id) + ",\"do\":\"" +
                           std::string{act.verb} + "\"}";
  const auto answer = http_ask({options.url + "/admin/work-list", options.token, options.by, body});
  if (answer && answer->status == 200) {
    std::cout << act.answer << '\n';
    return exit_ok;
  }
  if (answer && answer->status == 409) {
    std::cerr << "it has to be approved by two different people, once each\n";
    return exit_failed;
  }
  std::cerr << (answer ? "the gateway answered HTTP " + std::to_string(answer->status)
                       : answer.error().message)
            << '\n';
  return exit_failed;
}

}  // namespace

int list_work(const WorkListOptions& options) {
  if (!act_of(options).id.empty()) return act_on_item(options);
  const auto settings = load_settings(options.config);
  if (!settings) return exit_config;
  store::OpenOptions read_only;
  read_only.read_only = settings->store_url.find("mysql://") == std::string::npos;
  auto database = store::open_database(settings->store_url, read_only);
  if (!database) {
    std::cerr << "the store cannot be opened: " << database.error().message << '\n';
    return exit_store;
  }
  const Date today = london_date(observe::SystemClock{}.now());
  if (options.format == "json") {
    const auto json = usecases::work_lists_json(**database, options.council, options.all, today);
    if (json) std::cout << *json << '\n';
    return json ? exit_ok : exit_store;
  }
  const auto lists = read_work(**database, options);
  if (!lists) {
    std::cerr << "the work list cannot be read: " << lists.error().message << '\n';
    return exit_store;
  }
  if (options.format == "csv") {
    // One header: a council's code is in no column, so a file holds one council.
    if (lists->size() > 1) {
      std::cerr << "say --council CODE: a CSV file holds one council\n";
      return exit_usage;
    }
    const std::vector<WorkEntry> none;
    std::cout << social_care::work_list_csv(lists->empty() ? none : lists->front().entries, today);
    return exit_ok;
  }
  if (lists->empty()) std::cout << "no council has a work list yet\n";
  for (const CouncilWork& list : *lists) print_text(list, today);
  return exit_ok;
}

}  // namespace cpis::console
