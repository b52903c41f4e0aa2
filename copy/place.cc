#include "copy/place.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"
#include "copy/destination.h"
#include "copy/manifest.h"
#include "copy/placer.h"
#include "copy/survey.h"

namespace tutti::copy {
namespace {

absl::StatusOr<v1::CopyManifest> ReceiveManifest(const std::string& digest,
                                                 CopyChannel& channel) {
  v1::CopyRequest request;
  request.mutable_manifest();
  TUTTI_RETURN_IF_ERROR(channel.Ask(request));
  TUTTI_ASSIGN_OR_RETURN(const std::string_view bytes,
                         channel.Receive(kMaxManifestBytes));
  if (Sha256(bytes) != digest) {
    return DataLoss(
        "the list of what is to be copied is not the one that was signed; "
        "nothing was put in place; start the copy anew");
  }
  return ReadManifest(bytes);
}

}  // namespace

absl::StatusOr<PlaceResult> Place(const PlaceOptions& options,
                                  CopyChannel& channel, RateLimit& rate,
                                  Progress& progress) {
  TUTTI_ASSIGN_OR_RETURN(const v1::CopyManifest manifest,
                         ReceiveManifest(options.manifest_digest, channel));
  TUTTI_ASSIGN_OR_RETURN(Destination destination,
                         Destination::Find(options.destination, manifest,
                                           options.manifest_digest));
  const BlockNumbers numbers(manifest);
  const SurveyOptions survey = {
      .compare = options.if_changed || destination.fresh(),
      .part_digest = options.manifest_digest};
  TUTTI_ASSIGN_OR_RETURN(CopyPlan plan,
                         Survey(manifest, numbers, survey, destination));
  const ManifestTotals totals = TotalsOf(manifest);
  progress.Begin(totals.files, plan.bytes);
  BlockFeed feed(std::move(plan.wanted), options.window, channel, rate);
  Placer placer(manifest, numbers, options.manifest_digest, plan, destination,
                feed, progress);
  const absl::Status status = placer.Run();
  if (!status.ok()) {
    if (absl::IsUnavailable(status)) return status;
    const absl::Status discarded = placer.Discard();
    if (discarded.ok()) return status;
    return absl::Status(
        status.code(),
        fmt::format("{}; and then: {}", TextOf(status), TextOf(discarded)));
  }
  return PlaceResult{.files = totals.files,
                     .changed = placer.changed(),
                     .bytes = totals.bytes,
                     .received_bytes = feed.received_bytes()};
}

}  // namespace tutti::copy
