import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The gateway's graph with the JDK alone. HttpClient keeps its default, which is to ask for HTTP/2 (h2c) in its first request.
 * {@code java TicketsClient.java URL list | post BODY | watch SOCKET_URL}; the environment variable TOKEN holds the token.
 */
public class TicketsClient {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String TOKEN = System.getenv("TOKEN");

  public static void main(String[] arguments) throws Exception {
    String url = arguments[0];
    switch (arguments[1]) {
      case "list" -> list(url);
      case "post" -> {
        HttpResponse<String> response = post(url, arguments[2]);
        System.out.println(response.statusCode() + " " + response.body());
      }
      case "watch" -> watch(URI.create(arguments[2]));
      default -> throw new IllegalArgumentException(arguments[1]);
    }
  }

  static HttpResponse<String> post(String url, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (TOKEN != null) request.header("authorization", "Bearer " + TOKEN);
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Reads all pages, and prints how many different tickets there were. */
  static void list(String url) throws Exception {
    String query =
        "query ($after: String) { tickets(first: 50, after: $after, filter: { sources: [\\\"oneview\\\"] })"
            + " { nodes { id } pageInfo { endCursor hasNextPage } } }";
    Set<String> ids = new HashSet<>();
    String after = "null";
    for (boolean more = true; more; ) {
      String page = post(url, "{\"query\":\"" + query + "\",\"variables\":{\"after\":" + after + "}}").body();
      for (Matcher id = Pattern.compile("\"id\":\"([^\"]+)\"").matcher(page); id.find(); ) ids.add(id.group(1));
      after = "\"" + find("\"endCursor\":\"([^\"]+)\"", page) + "\"";
      more = page.contains("\"hasNextPage\":true");
    }
    System.out.println(ids.size());
  }

  /** Prints the id of every ticket that changes, and connects again when the connection is lost. */
  static void watch(URI url) throws Exception {
    String query =
        "subscription ($after: String) { ticketChanged(after: $after, filter: { sources: [\\\"oneview\\\"] })"
            + " { cursor ticket { id } } }";
    String[] cursor = {"null"};
    while (true) {
      try {
        Subscription subscription = new Subscription(query, cursor);
        CLIENT.newWebSocketBuilder().subprotocols("graphql-transport-ws").buildAsync(url, subscription).join();
        subscription.closed.join();
      } catch (Exception refused) {
        // The gateway is not there: the next attempt may find it.
      }
      Thread.sleep(200);
    }
  }

  /** One connection in the protocol graphql-transport-ws. */
  static final class Subscription implements WebSocket.Listener {
    final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final StringBuilder message = new StringBuilder();
    private final String query;
    private final String[] cursor;

    Subscription(String query, String[] cursor) {
      this.query = query;
      this.cursor = cursor;
    }

    @Override
    public void onOpen(WebSocket socket) {
      socket.sendText("{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer " + TOKEN + "\"}}", true);
      socket.request(1);
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        receive(socket, message.toString());
        message.setLength(0);
      }
      socket.request(1);
      return null;
    }

    private void receive(WebSocket socket, String text) {
      if (text.contains("\"type\":\"connection_ack\"")) {
        String payload = "{\"query\":\"" + query + "\",\"variables\":{\"after\":" + cursor[0] + "}}";
        socket.sendText("{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":" + payload + "}", true);
      } else if (text.contains("\"type\":\"next\"")) {
        cursor[0] = "\"" + find("\"cursor\":\"([^\"]+)\"", text) + "\"";
        System.out.println(find("\"ticket\":\\{\"id\":\"([^\"]+)\"", text));
      } else if (text.contains("\"type\":\"ping\"")) {
        socket.sendText("{\"type\":\"pong\"}", true);
      }
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.complete(null);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      closed.complete(null);
    }
  }

  private static String find(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }
}
