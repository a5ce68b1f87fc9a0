#include <algorithm>
#include <utility>

#include "adapters/spine/charset.h"
#include "adapters/spine/soap.h"
#include "adapters/spine/spine_checks.h"
#include "gateway/edge/ids.h"
#include "gateway/net/spine_job.h"
#include "gateway/net/spine_source.h"
#include "gateway/observe/trace.h"

// How a question goes out: built, kept, sent, and what its HTTP response means.

namespace cpis::net {
namespace {

using spine::Next;

const std::string query_interaction =
    std::string{spine::query_service} + ":" + std::string{spine::interaction::query};

}  // namespace

Status SpineSource::build(Job& job) {
  const observe::TraceScope trace{job.question.trace};
  const Time now = clock_.now();
  if (!job.contract) {
    auto found = lookup_.find(query_interaction);
    if (!found) return found.error();
    job.contract = *std::move(found);
  }
  const spine::Contract* const contract = &*job.contract;
  AccessEvent event{job.question.id, job.question.asked, job.question.person, job.question.caller};
  // A system is known to Spine by its ASID and by nothing else.
  if (event.by.kind == Caller::Kind::system) event.by.system_id = settings_.asid;
  const std::string& id = job.exchange.message_id;
  const spine::Query asked{id, now, contract->asid, settings_.asid, std::move(event)};
  const auto query = spine::write_query(asked, settings_.scheduled_marker);
  if (!query) return query.error();
  // What we refuse to send is what Spine would refuse to take.
  const auto faults = spine::check_query(asked);
  if (!faults.empty()) return Error{ErrorKind::bad_input, spine::in_words(faults)};

  const std::string service{spine::query_service};
  const std::string action{spine::interaction::query};
  if (contract->pattern == spine::Pattern::sync) {
    const spine::SoapHeader header{
        id, service + "/" + action, contract->url, settings_.reply_to, settings_.reply_to,
        "", contract->asid,         settings_.asid};
    job.content = {"text/xml; charset=utf-8", header.action, spine::write_soap(header, *query)};
  } else {
    spine::EbxmlHeader header;
    header.from_party = settings_.party_key;
    header.to_party = contract->party_key;
    header.cpa_id = contract->cpa_id;
    header.conversation_id = id;
    header.service = service;
    header.action = action;
    header.message_id = id;
    header.timestamp = now;
    job.content = spine::write_ebxml(spine::with_pattern(header, contract->pattern), *query);
  }
  spine::Exchange& exchange = job.exchange;
  exchange.pattern = contract->pattern;
  exchange.asked = job.question.asked;
  exchange.deadline = job.question.deadline;
  exchange.keep_until = now + std::max(contract->persist_duration, settings_.persist_min);
  exchange.resend_until = now + contract->persist_duration;
  exchange.attempts_max = 1 + contract->retries;
  exchange.retry_interval = contract->retry_interval;
  return done;
}

void SpineSource::send_first(const std::shared_ptr<Job>& job) {
  const Stay stays = stay();
  job->contract = lookup_.find_kept(query_interaction);
  if (job->contract) return begin(job, stays);
  const bool taken = pool_->try_submit([this, job, stays] { begin(job, stays); });
  if (!taken) refuse(*job, too_many_wait);
}

void SpineSource::begin(const std::shared_ptr<Job>& job, const Stay& stays) {
  if (const auto why = prepare(job)) return refuse(*job, *why);
  keep(job, stays);
}

// Everything up to the store; gives why nothing is to be sent.
std::optional<CouldNotAsk> SpineSource::prepare(const std::shared_ptr<Job>& job) {
  const Time now = clock_.now();
  auto place = pool_->reserve();
  if (!place) return too_many_wait;
  job->place.emplace(*std::move(place));
  if (!breaker_.may_call(now)) {
    return CouldNotAsk{{ErrorKind::unavailable, "the circuit to the national service is open"},
                       false};
  }
  if (const Status built = build(*job); !built) return CouldNotAsk{built.error(), false};
  if (spine::begin_attempt(job->exchange, now) != Next::send) {
    return CouldNotAsk{{ErrorKind::timeout, "the deadline had passed before sending"}, false};
  }
  const std::lock_guard lock{mutex_};
  if (const Status added = table_.add(job->exchange); !added) {
    return CouldNotAsk{added.error(), false};
  }
  jobs_[job->question.id] = job;
  return std::nullopt;
}

// The trace and the exchange are one transaction. From its commit on the exchange counts as sent: a
// crash may have been after it.
void SpineSource::keep(const std::shared_ptr<Job>& job, const Stay& stays) {
  const bool queued = database_.submit(
      [job](store::Session& session) -> Status {
        if (job->asked) {
          if (const Status traced = job->asked(session); !traced) return traced;
        }
        const auto added = insert_exchange(session, job->exchange);
        if (!added) return added.error();
        job->row_is_new = *added;
        return done;
      },
      [this, job, stays](const Status& kept) {
        job->place->submit([this, job, stays, kept] { send_kept(job, kept); });
      });
  if (queued) return;
  forget(job->question.id);
  refuse(*job, store_is_full);
}

// Nothing is sent; that it was asked is kept all the same.
void SpineSource::refuse(Job& job, const CouldNotAsk& why) {
  const std::string& id = job.question.id;
  if (!job.asked) return tell(take_waiting(id), why);
  const bool queued = database_.submit(
      std::exchange(job.asked, nullptr), [this, id, why, stays = stay()](const Status& kept) {
        tell(take_waiting(id), kept ? why : CouldNotAsk{kept.error(), false});
      });
  if (!queued) tell(take_waiting(id), store_is_full);
}

void SpineSource::send_kept(const std::shared_ptr<Job>& job, const Status& kept) {
  const std::string& id = job->question.id;
  if ((!kept || !job->row_is_new) && !is_ours(*job)) {
    if (!kept) return give_up(id, {kept.error(), false});
    forget(id);
    return tell_as_before(id);
  }
  if (timed_out_meanwhile(*job)) return;
  attempt(*job);
}

// The store took longer than the caller's patience: the row is brought up to date and nothing goes
// out, because the caller has been told.
bool SpineSource::timed_out_meanwhile(const Job& job) {
  spine::Exchange exchange = job.exchange;
  {
    const std::lock_guard lock{mutex_};
    const spine::Exchange* found = table_.by_question(job.question.id);
    if (found != nullptr && found->state == spine::ExchangeState::sending) return false;
    if (found != nullptr) exchange = *found;
  }
  if (exchange.state != spine::ExchangeState::resolved) {
    spine::on_time(exchange, exchange.deadline);
  }
  // A failure is logged; the caller has been told.
  static_cast<void>(write([&](store::Session& session) {
    return update_exchange(session, exchange, "", std::nullopt);
  }));
  return true;
}

// A repeated transaction meets its own row.
bool SpineSource::is_ours(const Job& job) {
  bool ours = false;
  const Status read = database_.read([&](store::Session& session) -> Status {
    const auto row = exchange_by_question(session, job.question.id);
    if (!row) return row.error();
    ours = row->has_value() && (*row)->exchange.message_id == job.exchange.message_id;
    return done;
  });
  return read && ours;
}

HttpOutcome SpineSource::transmit(const Job& job) {
  const observe::TraceScope trace{job.question.trace};
  HttpCall call;
  call.method = "POST";
  call.url = job.contract->url;
  call.headers = {{"SOAPAction", job.content.soap_action}};
  call.content_type = job.content.content_type;
  call.body = job.content.body;
  return sender_.send(call);
}

void SpineSource::attempt(const Job& job) {
  HttpOutcome outcome = transmit(job);
  const Time now = clock_.now();
  spine::Reply reply;
  const bool answered = outcome.kind == HttpOutcome::Kind::answered;
  if (answered) {
    outcome.body = spine::to_utf8(outcome.content_type, std::move(outcome.body));
    reply = spine::read_reply(job.contract->pattern, outcome.status, outcome.content_type,
                              outcome.body);
  }
  const bool away = !answered || reply.kind == spine::ReplyKind::resend ||
                    (reply.kind == spine::ReplyKind::unclear && outcome.status >= 500);
  away ? breaker_.failed(now) : breaker_.succeeded();

  Next next = Next::nothing;
  {
    const std::lock_guard lock{mutex_};
    spine::Exchange* exchange = table_.by_question(job.question.id);
    if (exchange == nullptr) return;  // the answer overtook the response and has been told
    next = answered ? spine::on_reply(*exchange, reply, now)
           : outcome.kind == HttpOutcome::Kind::not_sent
               ? spine::on_not_sent(*exchange, now, outcome.why)
               : spine::on_lost(*exchange, now, outcome.why);
  }
  if (next == Next::send) {
    ++counters_.resent;  // the clock brings it up again when it is due
    return;
  }
  if (next == Next::drop) ++counters_.duplicates;
  // Nobody else will bring it again: what cannot be kept has been logged.
  if (next == Next::keep_late) static_cast<void>(keep_late(job.question.id, outcome.body));
  if (next != Next::tell) return;
  resolve(job.question.id, reply.answer ? std::move(outcome.body) : "", reply.answer);
}

void SpineSource::resend(const std::string& question_id) {
  std::shared_ptr<Job> job;
  {
    const std::lock_guard lock{mutex_};
    spine::Exchange* exchange = table_.by_question(question_id);
    const auto at = jobs_.find(question_id);
    if (exchange == nullptr || at == jobs_.end()) return;
    if (spine::begin_attempt(*exchange, clock_.now()) != Next::send) return;
    job = at->second;
  }
  attempt(*job);
}

}  // namespace cpis::net
