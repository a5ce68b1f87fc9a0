#include "gateway/intake/message_folder.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "adapters/hl7v2/ack_reader.h"
#include "adapters/hl7v2/batch.h"
#include "adapters/hl7v2/mllp_framer.h"
#include "gateway/observe/log.h"
#include "gateway/usecases/deliver_notices.h"

namespace cpis::intake {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_in_one_pass = 16;
constexpr std::size_t messages_max = 1'000'000;  // of one file
// Messages that wait for their commit together; live feeds share it.
constexpr std::size_t messages_at_once = 200;

bool is_whole(const std::string& name) {
  return !name.empty() && name[0] != '.' && !name.ends_with(".part") && !name.ends_with(".tmp");
}

// The answers of some messages, which come on the store's thread and in any order.
class Answers {
 public:
  explicit Answers(std::size_t count) : answers_(count), missing_{count} {}

  void put(std::size_t place, std::optional<std::string> answer) {
    // Told under the lock: whoever waits may be the last owner but one.
    const std::lock_guard lock{mutex_};
    answers_[place] = std::move(answer);
    if (--missing_ == 0) all_there_.notify_all();
  }
  std::vector<std::optional<std::string>> wait() {
    std::unique_lock lock{mutex_};
    all_there_.wait(lock, [&] { return missing_ == 0; });
    return std::move(answers_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_there_;
  std::vector<std::optional<std::string>> answers_;
  std::size_t missing_;
};

}  // namespace

MessageFolder::MessageFolder(std::string folder, hl7v2::FeedSettings feed,
                             usecases::ReceiveMessage& receive, const Clock& clock)
    : folder_{std::move(folder)}, feed_{std::move(feed)}, receive_{receive}, clock_{clock} {}

Result<std::size_t> MessageFolder::step() {
  std::vector<std::string> names;
  std::error_code trouble;
  for (const auto& entry : fs::directory_iterator{folder_, trouble}) {
    const std::string name = entry.path().filename().string();
    std::error_code none;
    if (is_whole(name) && entry.is_regular_file(none)) names.push_back(name);
  }
  if (trouble) return Error{ErrorKind::unavailable, "the folder of messages cannot be read"};
  std::sort(names.begin(), names.end());
  if (names.size() > files_in_one_pass) names.resize(files_in_one_pass);
  for (const std::string& name : names) {
    if (const Status taken = take(name); !taken) return taken.error();
  }
  return names.size();
}

Status MessageFolder::take(const std::string& name) {
  const fs::path from = fs::path{folder_} / name;
  std::error_code trouble;
  const auto size = fs::file_size(from, trouble);
  if (trouble) return Error{ErrorKind::unavailable, "a file of messages cannot be read"};
  if (size > file_bytes_max) return move(name, {});
  std::ifstream in{from, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  if (!in.is_open() || in.bad()) {
    return Error{ErrorKind::unavailable, "a file of messages cannot be read"};
  }
  // MLLP framing that was left on ends a line like any other end.
  std::replace(bytes.begin(), bytes.end(), hl7v2::mllp_start, '\r');
  std::replace(bytes.begin(), bytes.end(), hl7v2::mllp_end, '\r');
  const auto outcome = keep(bytes);
  return outcome ? move(name, *outcome) : outcome.error();
}

Result<MessageFolder::Outcome> MessageFolder::keep(const std::string& bytes) {
  Findings findings;
  const hl7v2::Batch batch = hl7v2::split_batch(bytes, findings, messages_max);
  Outcome outcome;
  outcome.whole = findings.empty();
  for (std::size_t at = 0; at < batch.messages.size(); at += messages_at_once) {
    std::vector<std::string> some;
    const std::size_t end = std::min(at + messages_at_once, batch.messages.size());
    for (std::size_t i = at; i < end; ++i) some.emplace_back(batch.messages[i]);
    if (const Status kept = keep_some(std::move(some), outcome); !kept) return kept.error();
  }
  return outcome;
}

Status MessageFolder::keep_some(std::vector<std::string> messages, Outcome& outcome) {
  const auto answers = std::make_shared<Answers>(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    receive_.run(feed_, std::move(messages[i]), [answers, i](std::optional<std::string> answer) {
      answers->put(i, std::move(answer));
    });
  }
  for (const std::optional<std::string>& answer : answers->wait()) {
    if (!answer) return Error{ErrorKind::unavailable, "a message of a file was not kept"};
    ++outcome.messages;
    const auto ack = hl7v2::read_ack(*answer);
    if (ack && hl7v2::meaning_of(*ack) != hl7v2::AckMeaning::accepted) ++outcome.refused;
    outcome.acknowledgements += *answer;
  }
  return done;
}

Status MessageFolder::move(const std::string& name, const Outcome& outcome) {
  const bool taken = outcome.messages > 0;
  const fs::path to = fs::path{folder_} / (taken ? "done" : "refused");
  // A name may come again: the time keeps them apart.
  const std::string kept = to_iso(clock_.now()).substr(0, 23) + '-' + name;
  if (taken) {
    const Status told =
        usecases::write_whole_file((to / (kept + ".ack")).string(), outcome.acknowledgements);
    if (!told) return told;
  }
  std::error_code trouble;
  fs::create_directories(to, trouble);
  fs::rename(fs::path{folder_} / name, to / kept, trouble);
  if (trouble) return Error{ErrorKind::unavailable, "a file of messages cannot be moved"};
  const bool well = taken && outcome.refused == 0 && outcome.whole;
  observe::log(well ? observe::Level::info : observe::Level::warning, "feed.file",
               {{"feed", feed_.name},
                {"state", std::string{taken ? "taken" : "refused"}},
                {"messages", static_cast<std::uint64_t>(outcome.messages)},
                {"quarantined", static_cast<std::uint64_t>(outcome.refused)},
                {"whole", std::string{outcome.whole ? "yes" : "no"}}});
  return done;
}

}  // namespace cpis::intake
