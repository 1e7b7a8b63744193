-- expand: resources of a resource server by name and by URI, for the Keycloak alias

create index resource_by_name on as_ro.resource (resource_server, name) where name is not null;
create index resource_by_uri on as_ro.resource (resource_server, uri) where uri is not null;
