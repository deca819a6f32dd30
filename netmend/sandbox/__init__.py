"""An embedded AWS: moto, extended until Config, EventBridge, Lambda and Automation form one loop."""
