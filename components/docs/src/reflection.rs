//! The contract by gRPC, for clients that come without it: `grpc.reflection.v1`.

use futures::{Stream, stream};
use prost::Message;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};
use service::{Context, grpc::Messages};
use tonic::{Code, Status};
use tonic_reflection::pb::v1::{
    ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse,
    ServerReflectionRequest, ServerReflectionResponse, ServiceResponse,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

/// The method's path, and the one of old, of the same messages, by which Python's library asks.
pub const INFO: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// `ServerReflectionInfo`: an answer to each question.
pub fn info(
    _: Context,
    asked: Messages,
) -> impl Stream<Item = Result<ServerReflectionResponse, Status>> {
    stream::try_unfold((asked, None), |(mut asked, known)| async {
        let Some(request) = asked.next::<ServerReflectionRequest>().await? else {
            return Ok(None);
        };
        let files = match known {
            Some(files) => files,
            None => files()?,
        };
        let response = ServerReflectionResponse {
            valid_host: request.host.clone(),
            message_response: Some(answer(&files, request.message_request.as_ref())),
            original_request: Some(request),
        };
        Ok(Some((response, (asked, Some(files)))))
    })
}

/// Every file of what is served, of an error's details, and what they import.
fn files() -> Result<Vec<FileDescriptorProto>, Status> {
    let sets = [
        proto::DESCRIPTORS,
        tonic_types::pb::FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
    ];
    let mut files = Vec::new();
    for set in sets {
        let set = FileDescriptorSet::decode(set);
        let set =
            set.map_err(|error| Status::internal(format!("the contract is none: {error}")))?;
        files.extend(set.file);
    }
    Ok(files)
}

fn answer(files: &[FileDescriptorProto], asked: Option<&MessageRequest>) -> MessageResponse {
    let found = match asked {
        Some(MessageRequest::ListServices(_)) => {
            return MessageResponse::ListServicesResponse(services(files));
        }
        // None has any, as tools are told who ask.
        Some(MessageRequest::AllExtensionNumbersOfType(name)) => {
            return MessageResponse::AllExtensionNumbersResponse(ExtensionNumberResponse {
                base_type_name: name.clone(),
                extension_number: Vec::new(),
            });
        }
        Some(MessageRequest::FileByFilename(name)) => files.iter().find(|file| file.name() == name),
        Some(MessageRequest::FileContainingSymbol(symbol)) => {
            files.iter().find(|file| declares(file, symbol))
        }
        Some(MessageRequest::FileContainingExtension(_)) | None => None,
    };
    match found {
        Some(file) => MessageResponse::FileDescriptorResponse(FileDescriptorResponse {
            file_descriptor_proto: vec![file.encode_to_vec()],
        }),
        None => MessageResponse::ErrorResponse(ErrorResponse {
            error_code: Code::NotFound.into(),
            error_message: "there is no such thing in the contract".to_owned(),
        }),
    }
}

fn services(files: &[FileDescriptorProto]) -> ListServiceResponse {
    let names = files.iter().flat_map(|file| {
        let services = file.service.iter();
        services.map(|service| format!("{}.{}", file.package(), service.name()))
    });
    ListServiceResponse {
        service: names.map(|name| ServiceResponse { name }).collect(),
    }
}

/// Whether a file has the declaration of a service, a method, a message, a field or an enumeration.
fn declares(file: &FileDescriptorProto, symbol: &str) -> bool {
    let Some(path) = symbol.strip_prefix(file.package()) else {
        return false;
    };
    let path: Vec<_> = path.trim_start_matches('.').split('.').collect();
    let (first, rest) = (path[0], &path[1..]);
    has_type(&file.message_type, &file.enum_type, first, rest)
        || file.service.iter().any(|service| {
            let has_method = |name| service.method.iter().any(|method| method.name() == name);
            service.name() == first && rest.iter().all(|name| has_method(*name))
        })
}

fn has_type(
    messages: &[DescriptorProto],
    enums: &[EnumDescriptorProto],
    name: &str,
    rest: &[&str],
) -> bool {
    let message = messages.iter().find(|message| message.name() == name);
    match (message, rest) {
        (Some(_), []) => true,
        (Some(message), [name, rest @ ..]) => {
            let has_field = message.field.iter().any(|field| field.name() == *name);
            (has_field && rest.is_empty())
                || has_type(&message.nested_type, &message.enum_type, name, rest)
        }
        (None, _) => enums.iter().any(|one| one.name() == name),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_is_found_by_name() {
        let files = files().unwrap();
        let file = |symbol: &str| {
            let asked = MessageRequest::FileContainingSymbol(symbol.to_owned());
            match answer(&files, Some(&asked)) {
                MessageResponse::FileDescriptorResponse(found) => {
                    let file = FileDescriptorProto::decode(&*found.file_descriptor_proto[0]);
                    file.unwrap().name().to_owned()
                }
                _ => String::new(),
            }
        };
        for (symbol, expected) in [
            ("cinema.v1.Movies", "cinema/v1/movies.proto"),
            ("cinema.v1.Movies.GetMovie", "cinema/v1/movies.proto"),
            ("cinema.v1.Movie.title", "cinema/v1/movies.proto"),
            (
                "google.protobuf.Timestamp",
                "google/protobuf/timestamp.proto",
            ),
            (
                "grpc.health.v1.HealthCheckResponse.ServingStatus",
                "health.proto",
            ),
            ("google.rpc.BadRequest", "error_details.proto"),
            ("cinema.v1.Movies.Nothing", ""),
            ("cinema.v1.Movies.GetMovie.x", ""),
            ("cinema.v1.Movie.title.x", ""),
            ("cinema.v1", ""),
            ("", ""),
        ] {
            assert_eq!(file(symbol), expected, "{symbol}");
        }
    }

    #[test]
    fn what_a_file_imports_is_there() {
        let files = files().unwrap();
        for file in &files {
            for name in &file.dependency {
                assert!(files.iter().any(|file| file.name() == name), "{name}");
            }
        }
        let names = services(&files)
            .service
            .into_iter()
            .map(|service| service.name);
        assert!(names.into_iter().any(|name| name == "cinema.v1.Movies"));
    }
}
