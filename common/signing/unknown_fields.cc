#include "common/signing/unknown_fields.h"

#include <google/protobuf/descriptor.h>

#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti {

absl::Status CheckNoUnknownFields(const google::protobuf::Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) {
    return InvalidArgument(
        "the job uses a feature that this version does not know (in {}); "
        "upgrade Tutti here",
        message.GetDescriptor()->name());
  }
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (field->cpp_type() !=
        google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    }
    if (!field->is_repeated()) {
      TUTTI_RETURN_IF_ERROR(
          CheckNoUnknownFields(reflection.GetMessage(message, field)));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      TUTTI_RETURN_IF_ERROR(CheckNoUnknownFields(
          reflection.GetRepeatedMessage(message, field, i)));
    }
  }
  return absl::OkStatus();
}

}  // namespace tutti
