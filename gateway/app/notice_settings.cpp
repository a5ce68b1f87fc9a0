#include "gateway/app/notice_settings.h"

#include <utility>

#include "gateway/app/webhook.h"

namespace cpis::app {

Result<usecases::DeliverNotices::Settings> notice_settings(const config::Settings& settings) {
  usecases::DeliverNotices::Settings made;
  made.tray = settings.notice_tray;
  made.alarm_after = settings.notice_alarm;
  for (const config::CouncilSetting& one : settings.councils) {
    usecases::CouncilDelivery to;
    to.layout = one.notice_layout;
    to.hours = one.office_hours;
    to.url = one.notice_url;
    to.emergency_url = one.emergency_notice_url;
    if (one.notice_as_json) to.body = usecases::NoticeBody::json;
    if (!to.url.empty() || !to.emergency_url.empty()) {
      auto post = webhook_post(one.notice_token);
      if (!post) return post.error();
      to.post = *std::move(post);
    }
    made.councils.emplace(one.council.ods_code, std::move(to));
  }
  return made;
}

}  // namespace cpis::app
