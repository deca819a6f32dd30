"""An embedded AWS: moto, grown until Config, EventBridge, Lambda and Automation make a loop."""
