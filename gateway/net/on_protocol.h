#pragma once

#include <memory>
#include <utility>

#include "gateway/net/event_loop.h"

namespace cpis::net {

enum class Order { at_once, queued };

/// Runs `work(connection, protocol)` on the loop's thread: at once when this is that thread (unless
/// `queued` asks to go behind what was posted before), else by its mailbox. Nothing happens when
/// the connection has gone; false when the loop has.
///
/// `Spoken` is the protocol of that connection. Whoever holds its number got it from there, and a
/// number is never used again, so the cast cannot meet another protocol.
template <class Spoken, class Work>
bool on_protocol(const std::shared_ptr<Mailbox>& mailbox, ConnectionId id, Order order,
                 Work&& work) {
  const auto run = [id](EventLoop& loop, auto& wanted) {
    Connection* const connection = loop.find(id);
    if (connection == nullptr) return;
    wanted(*connection, static_cast<Spoken&>(*loop.find_protocol(id)));
  };
  EventLoop* const here = mailbox->loop_here();
  if (here != nullptr && order == Order::at_once) {
    run(*here, work);
    return true;
  }
  // The task runs on that loop only, so the mailbox it lies in still exists then.
  return mailbox->post([box = mailbox.get(), run, work = std::forward<Work>(work)]() mutable {
    run(*box->loop_here(), work);
  });
}

}  // namespace cpis::net
