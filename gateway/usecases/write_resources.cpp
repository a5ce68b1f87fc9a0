#include "gateway/usecases/write_resources.h"

#include <future>
#include <memory>
#include <utility>

#include "gateway/store/sha256.h"

namespace cpis::usecases {
namespace {

struct Job {
  std::vector<ResourceWrite> writes;
  std::vector<std::int64_t> change_ids;  // given before the work is queued: it may run again
  std::vector<std::int64_t> inbox_ids;
  Writer writer;
  Written written;
  std::promise<Status> finished;
};

bool concerns_attendances(const ResourceWrite& write) {
  return !write.removes && (write.type == "Encounter" || write.type == "Patient");
}

Status keep_for_admission(store::Session& session, const store::InboxStore& inbox, const Job& job,
                          std::size_t i) {
  const ResourceWrite& write = job.writes[i];
  if (!concerns_attendances(write)) return done;
  const std::string control = write.type + '/' + write.id + '#' + std::to_string(job.change_ids[i]);
  const auto hash = store::sha256(control);
  const auto kept = inbox.keep(
      session, {job.inbox_ids[i], WriteResources::feed_name, job.writer.client, control,
                store::bytes_of(hash), job.written.at, write.body, std::nullopt, job.written.at});
  if (!kept) return kept.error();
  return done;
}

std::string_view interaction_of(const ResourceWrite& write, std::int64_t version) {
  if (write.removes) return ".delete";
  if (write.patches) return ".patch";
  return version == 1 ? ".create" : ".update";
}

Status append_audit(store::Session& session, const store::AuditStore& audit, const Job& job,
                    const ResourceWrite& write, std::int64_t version) {
  const Caller& caller = job.writer.caller;
  store::AuditEntry entry = store::entry_by(caller);
  entry.at = job.written.at;
  entry.correlation_id = job.writer.correlation_id;
  entry.source = job.writer.client;
  const std::string action = write.type + std::string{interaction_of(write, version)};
  entry.action = action;
  entry.subject = write.subject;
  entry.outcome = "written";
  const std::string detail =
      "; " + write.type + '/' + write.id + "/_history/" + std::to_string(version);
  entry.detail = detail;
  const auto row = audit.append(session, entry);
  if (!row) return row.error();
  return done;
}

Status write_all(store::Session& session, Job& job) {
  const store::ResourceStore resources;
  const store::AuditStore audit;
  const store::InboxStore inbox;
  job.written.versions.clear();
  for (std::size_t i = 0; i < job.writes.size(); ++i) {
    const ResourceWrite& write = job.writes[i];
    const store::ResourceChange change{write.type,     write.id,          write.body,
                                       job.written.at, job.change_ids[i], write.if_version};
    const auto version =
        write.removes ? resources.remove(session, change) : resources.put(session, change);
    if (!version) return version.error();
    job.written.versions.push_back(*version);
    if (const Status kept = append_audit(session, audit, job, write, *version); !kept) return kept;
    if (const Status kept = keep_for_admission(session, inbox, job, i); !kept) return kept;
  }
  return done;
}

}  // namespace

Result<Written> WriteResources::run(std::vector<ResourceWrite> writes, const Writer& writer) {
  auto job = std::make_shared<Job>();
  job->writes = std::move(writes);
  job->writer = writer;
  job->written.at = parts_.clock.now();
  bool arrivals = false, subscriptions = false;
  for (const ResourceWrite& write : job->writes) {
    job->change_ids.push_back(parts_.ids.next(job->written.at));
    job->inbox_ids.push_back(parts_.ids.next(job->written.at));
    arrivals |= concerns_attendances(write);
    subscriptions |= write.type == "Subscription";
  }
  std::future<Status> finished = job->finished.get_future();
  const resources::BookWatch watch{parts_.book};
  const bool queued = parts_.database.submit(
      [job](store::Session& session) { return write_all(session, *job); },
      // On the writer's thread, in the order of commits: so the book never goes back a version.
      [job, &book = parts_.book](const Status& committed) {
        for (std::size_t i = 0; committed && i < job->writes.size(); ++i) {
          const ResourceWrite& write = job->writes[i];
          if (write.removes) {
            book.remove(write.type, write.id, job->written.versions[i]);
          } else {
            book.put(write.type, write.id, job->written.versions[i], job->written.at, write.body);
          }
        }
        job->finished.set_value(committed);
      });
  if (!queued) return Error{ErrorKind::busy, "the store's queue is full; try again"};
  if (const Status status = finished.get(); !status) return status.error();
  if (arrivals && parts_.arrival_waiting) parts_.arrival_waiting();
  if (subscriptions && parts_.subscription_changed) parts_.subscription_changed();
  return std::move(job->written);
}

}  // namespace cpis::usecases
