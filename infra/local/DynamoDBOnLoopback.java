// DynamoDB Local listens on every interface and has no option against it. This starts the same server bound to
// 127.0.0.1, and ends it when standard input closes, so that it never outlives the process that started it.
// Run as a source file: java -cp 'DynamoDBLocal.jar:DynamoDBLocal_lib/*' DynamoDBOnLoopback.java -inMemory -port N

import java.lang.reflect.Field;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

public class DynamoDBOnLoopback {
    public static void main(String[] args) throws Exception {
        DynamoDBProxyServer dynamodb = ServerRunner.createServerFromCommandLineArgs(args);
        Field field = DynamoDBProxyServer.class.getDeclaredField("server");
        field.setAccessible(true);
        for (Connector connector : ((Server) field.get(dynamodb)).getConnectors()) {
            ((ServerConnector) connector).setHost("127.0.0.1");
        }
        dynamodb.start();
        while (System.in.read() >= 0) {
            // Nothing is ever written; the end of the input is the signal.
        }
        dynamodb.stop();
        System.exit(0);
    }
}
