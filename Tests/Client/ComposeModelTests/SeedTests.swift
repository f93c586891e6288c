import Testing

@testable import ComposeModel

/// The visit counter: Flask three times, Redis with a volume, nginx in front.
private let visitCounter = """
  version: "3.8" # utilise latest version of docker compose
  services:

    redis:
      image: "redis:alpine" # lightweight version of redis image
      ports:
        - "6379:6379" # map local port: container port
      volumes:
        - redis-data:/data # mount volume to '/data' inside container

    flask:
      depends_on: # create dependency on redis service
        - redis
      deploy:
        replicas: 3 # scale the flask service to multiple instances
      build: # directory containing the dockerfile to build the image
        context: . # (root)
      ports:
        - "5000" # expose flask app on port 5000 inside the container
      environment:
        - REDIS_HOST=redis # flask app connect to the redis service using the hostname redis

    nginx: # load balancer for the flask instances
      depends_on: # create dependency on flask service
        - flask
      image: nginx:alpine # lightweight version of nginx image
      volumes:
        - ./nginx.conf:/etc/nginx/nginx.conf # mount local 'nginx.conf' file : '/etc/nginx/nginx.conf' inside the container
      ports:
        - "80:80" # map port 80 (local host): port 80 in container - nginx server to handle http requests from the host

  volumes:
    redis-data: # ensure that data stored in redis persists even if the container is stopped or removed

  """

@Test func `the visit counter becomes what docker compose prints`() throws {
  let project = try load(["docker-compose.yml": visitCounter]) { source, _ in source.projectName = "seed" }
  #expect(
    project.yaml() == """
      name: seed
      services:
        flask:
          build:
            context: /app
            dockerfile: Dockerfile
          depends_on:
            redis:
              condition: service_started
              required: true
          deploy:
            replicas: 3
          environment:
            REDIS_HOST: redis
          networks:
            default: null
          ports:
            - mode: ingress
              target: 5000
              protocol: tcp
        nginx:
          depends_on:
            flask:
              condition: service_started
              required: true
          image: nginx:alpine
          networks:
            default: null
          ports:
            - mode: ingress
              target: 80
              published: "80"
              protocol: tcp
          volumes:
            - type: bind
              source: /app/nginx.conf
              target: /etc/nginx/nginx.conf
              bind:
                create_host_path: true
        redis:
          image: redis:alpine
          networks:
            default: null
          ports:
            - mode: ingress
              target: 6379
              published: "6379"
              protocol: tcp
          volumes:
            - type: volume
              source: redis-data
              target: /data
              volume: {}
      networks:
        default:
          name: seed_default
      volumes:
        redis-data:
          name: seed_redis-data

      """)
}

@Test func `hashes are docker compose's own`() throws {
  let project = try load(["docker-compose.yml": visitCounter]) { source, _ in source.projectName = "seed" }
  let hashes = project.services.mapValues(ConfigHash.of)
  #expect(
    hashes == [
      "flask": "ce64ab04874c18c73014b0aad26cb215ce76c8d3ad1e180a563c654352f51f25",
      "nginx": "bf3c020f1d059270fd2cb65153f07de7d63f696be8fcad265202c8c270e1615c",
      "redis": "f1ae5c63be6f5ad6493df5a3e147d37eba4947924422e25909c14bf661ed1175",
    ])
}

@Test func `an obsolete version is told and ignored`() throws {
  let log = LoadLog()
  _ = try load(["docker-compose.yml": visitCounter], log: log)
  #expect(log.warnings.count == 1)
  #expect(log.warnings.first?.contains("the attribute `version` is obsolete") == true)
}
